"""The colours that have a name in the search box."""

NAMED = {
    "amber": "#d9902f", "beige": "#cbb894", "black": "#0a0a0a", "blue": "#2f5fa8", "brown": "#6b4226", "burgundy": "#6d1a2d",
    "charcoal": "#2b2b2e", "cream": "#efe6cf", "crimson": "#b3122e", "cyan": "#3fb8c4", "gold": "#c9a227", "gray": "#808080",
    "green": "#3f8f4f", "grey": "#808080", "indigo": "#3b2f7f", "lavender": "#b7a6d9", "magenta": "#c2379a", "maroon": "#5e1620",
    "navy": "#1b2a4a", "ochre": "#b9822f", "olive": "#6b6b2f", "orange": "#e07b28", "pink": "#e89ab0", "purple": "#7a4fb0",
    "red": "#c8102e", "rust": "#b5502f", "salmon": "#e58b74", "silver": "#b9bcc0", "teal": "#1f6f78", "turquoise": "#3fb8af",
    "violet": "#7a4fb0", "white": "#f7f7f7", "yellow": "#e6c72e",
    "dark blue": "#16294f", "dark brown": "#3a2416", "dark green": "#1e4428", "dark grey": "#3c3c3c", "dark red": "#6d0f1d",
    "dark teal": "#123f45", "light blue": "#a9c8e8", "light green": "#a8d8ae", "light grey": "#c8c8c8", "pale pink": "#f2c9d4",
}  # fmt: skip
