/* global SwaggerUIBundle */
// Shows the document and sends nothing: calls are signed with a key that has no business in a browser, and no validator of
// somebody else is asked about the document.
window.docs = SwaggerUIBundle({
  url: "openapi.json",
  domNode: document.getElementById("docs"),
  layout: "BaseLayout",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayOperationId: false,
  filter: true,
  validatorUrl: null,
  queryConfigEnabled: false,
  persistAuthorization: false,
  supportedSubmitMethods: [],
});
