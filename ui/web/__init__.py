"""The agent's desk: a Gradio page whose decisions are plain functions (handlers, render, wording)."""
