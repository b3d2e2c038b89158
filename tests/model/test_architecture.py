from support import problems


def test_flavours_are_those_of_the_ranges_in_their_order():
    architecture = problems.make_architecture()
    assert architecture.flavours == tuple(entry.flavour for entry in architecture.ranges)
    assert architecture.flavours == ("sng", "g", "v", "v3", "v8", "t3", "t8", "t15")
