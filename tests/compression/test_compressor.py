"""The record of compressed observables in a fit."""

import json

import numpy as np

from n3fit.compression.accuracy import Certificate
from n3fit.compression.compressor import compression_record


def test_record_keeps_the_largest_errors():
    certificates = {
        "Z": Certificate(np.array([30, 50]), np.array([2e-6, 1e-6]), np.array([1e-5, 4e-4])),
        "A": Certificate(np.array([8]), np.array([3e-6]), np.array([0.0])),
    }
    record = compression_record(certificates)
    assert list(record) == ["A", "Z"]
    assert record["Z"] == {"squares": 40.0, "relative": 2e-6, "uncertainty": 4e-4}
    assert json.loads(json.dumps(record)) == record
