// The entry point that anywidget calls for each view.

function render({ model, el }) {
  el.classList.add("course-widget");
  keepKeysInside(el, model);
  return model.get("kind") === "text" ? renderReflection(model, el) : renderQuestion(model, el);
}

export default { render };
