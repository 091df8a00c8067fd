// The print button, where there is a script to press it.

const button = document.getElementById("print");
button.hidden = false;
button.addEventListener("click", () => window.print());
