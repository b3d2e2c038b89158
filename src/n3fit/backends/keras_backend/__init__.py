"""Keras implementation of :mod:`n3fit.backends`, with the module names of the documented interface."""

from n3fit.backends.keras_choice import choose_keras_backend

choose_keras_backend()
