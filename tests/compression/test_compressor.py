"""What a fit remembers of its compressed observables; the compression itself is tested in test_compression."""

import json

import numpy as np

from n3fit.compression.compressor import compression_record
from n3fit.compression.squares import Certificate


def test_record_keeps_the_largest_errors():
    certificates = {
        "Z": Certificate(np.array([30, 50]), np.array([2e-6, 1e-6]), np.array([1e-5, 4e-4])),
        "A": Certificate(np.array([8]), np.array([3e-6]), np.array([0.0])),
    }
    record = compression_record(certificates)
    assert list(record) == ["A", "Z"]
    assert record["Z"] == {"squares": 40.0, "relative": 2e-6, "uncertainty": 4e-4}
    assert json.loads(json.dumps(record)) == record
