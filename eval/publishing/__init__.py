"""How long it takes to publish one changed document, and to go back, with the parts of both."""
