"""The HTML door: one blueprint per area. Routes read the request, call one service, choose a template."""
