// The entry point that anywidget calls for each view.

function render({ model, el }) {
  el.classList.add("course-widget");
  el.dataset.courseItem = model.get("item") ?? model.get("prompt"); // for style sheets and tests
  keepKeysInside(el, model);
  return model.get("kind") === "text" ? renderReflection(model, el) : renderQuestion(model, el);
}

export default { render };
