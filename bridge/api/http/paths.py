"""Patterns of paths, for `match`."""

import re
from typing import Final

GUARDED_PATH: Final = re.compile(r"/internal-api/|/api/(?!v2/diagnostics/version/?\Z)")
"""Paths that need credentials: all of the API but its version."""

COMETD_PATH: Final = re.compile(r"/api/v2/notifications(?:/|\Z)")
"""Paths of CometD: clients append a slash and a verb as they like."""
