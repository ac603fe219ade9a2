"""The two themes of the installer, dark and light, with every colour that its pages use for text.

Each text colour has a contrast of at least 4.5:1 on background, surface and panel (WCAG 2.2, success criterion 1.4.3:
https://www.w3.org/TR/WCAG22/#contrast-minimum). Textual derives text colours by blending, with no such promise;
`variables` replaces the derived ones.
"""

from typing import Final

from textual.theme import Theme


def _theme(
    name: str,
    *,
    dark: bool,
    background: str,
    surface: str,
    panel: str,
    foreground: str,
    muted: str,
    accent: str,
    success: str,
    warning: str,
    error: str,
    rule: str,
) -> Theme:
    """A theme whose text colours are exactly those given."""
    return Theme(
        name=name,
        primary=accent,
        secondary=muted,
        accent=accent,
        success=success,
        warning=warning,
        error=error,
        background=background,
        surface=surface,
        panel=panel,
        boost=surface,
        foreground=foreground,
        dark=dark,
        variables={
            "text": foreground,
            "text-muted": muted,
            "text-disabled": muted,
            "text-primary": accent,
            "text-secondary": muted,
            "text-accent": accent,
            "text-success": success,
            "text-warning": warning,
            "text-error": error,
            "rule": rule,
            "block-cursor-foreground": background,
            "block-cursor-background": accent,
            "block-cursor-blurred-foreground": foreground,
            "block-cursor-blurred-background": panel,
            "block-hover-background": panel,
            "input-selection-background": accent,
            "input-selection-foreground": background,
            "button-foreground": foreground,
            "button-color-foreground": background,
            "screen-selection-background": accent,
            "screen-selection-foreground": background,
        },
    )


DARK: Final = _theme(
    "flowforge-dark",
    dark=True,
    background="#0f151b",
    surface="#161e26",
    panel="#1f2933",
    foreground="#e4e9ef",
    muted="#9fadba",
    accent="#6cb6ff",
    success="#6fd088",
    warning="#f0b94a",
    error="#ff8a80",
    rule="#3d4a56",
)
LIGHT: Final = _theme(
    "flowforge-light",
    dark=False,
    background="#fcfdfe",
    surface="#f1f4f7",
    panel="#e5eaef",
    foreground="#1a222b",
    muted="#52606d",
    accent="#0a5ba8",
    success="#14652f",
    warning="#805000",
    error="#b3211a",
    rule="#b4bfc9",
)
THEMES: Final = {"dark": DARK, "light": LIGHT}
"""By the name in the preferences."""
