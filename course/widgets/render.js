// The entry point that anywidget calls for each view.

function render({ model, el }) {
  el.classList.add("course-widget");
  el.dataset.courseItem = model.get("item") ?? model.get("prompt"); // for style sheets and tests
  keepKeysInside(el, model);
  const renderers = { text: renderReflection, scenario: renderScenario, review: renderReview };
  return (renderers[model.get("kind")] ?? renderQuestion)(model, el);
}

export default { render };
