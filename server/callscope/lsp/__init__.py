"""The language server: one file an editor feature, no analysis of its own."""

from callscope.lsp.lean import import_types

import_types()
