"""Import n3fit, which chooses the Keras backend, before a test module imports Keras."""

import n3fit.backends  # noqa: F401
