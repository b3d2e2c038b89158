"""The PDF model, and the training model assembled around it."""
