"""Choices of data sets for new runcards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from n3fit.errors import CommandLineError


@dataclass(frozen=True)
class ChosenData:
    """A data set of a new runcard.

    Parameters
    ----------
    name : str
    variant : str or None
    cfac : tuple of str
        K-factors.
    """

    name: str
    variant: str | None = None
    cfac: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> ChosenData:
        """Return the data set of ``NAME``, ``NAME:VARIANT`` or ``NAME:VARIANT:KFACTOR+KFACTOR``.

        >>> ChosenData.parse("NUTEV_CC_NOTFIXED_FE_NU-SIGMARED:legacy_dw:MAS").cfac
        ('MAS',)

        Raises
        ------
        CommandLineError
            There is no name, or too many parts.
        """
        name, *rest = text.strip().split(":")
        if not name or len(rest) > 2 or any(character.isspace() for character in text.strip()):
            raise CommandLineError(
                f"expected NAME, NAME:VARIANT or NAME:VARIANT:KFACTORS as a data set, received {text!r}",
                hint="for instance NMC_NC_NOTFIXED_P_EM-SIGMARED:legacy",
            )
        variant, cfac = [*rest, "", ""][:2]
        return cls(name, variant or None, tuple(part for part in cfac.split("+") if part))

    @property
    def text(self) -> str:
        """The data set as :meth:`parse` reads it."""
        parts = [self.name, self.variant or "", "+".join(self.cfac)]
        return ":".join(parts).rstrip(":")


def _choose(text: str) -> tuple[ChosenData, ...]:
    return tuple(ChosenData.parse(word) for word in text.split())


_SMALL = """
NMC_NC_NOTFIXED_P_EM-SIGMARED:legacy BCDMS_NC_NOTFIXED_P_EM-F2:legacy_dw BCDMS_NC_NOTFIXED_D_EM-F2:legacy_dw
HERA_NC_318GEV_EP-SIGMARED:legacy HERA_CC_318GEV_EP-SIGMARED:legacy
"""

_DIS = """
NMC_NC_NOTFIXED_EM-F2:legacy_dw NMC_NC_NOTFIXED_P_EM-SIGMARED:legacy
SLAC_NC_NOTFIXED_P_EM-F2:legacy_dw SLAC_NC_NOTFIXED_D_EM-F2:legacy_dw
BCDMS_NC_NOTFIXED_P_EM-F2:legacy_dw BCDMS_NC_NOTFIXED_D_EM-F2:legacy_dw
HERA_NC_318GEV_EM-SIGMARED:legacy HERA_NC_225GEV_EP-SIGMARED:legacy HERA_NC_251GEV_EP-SIGMARED:legacy
HERA_NC_300GEV_EP-SIGMARED:legacy HERA_NC_318GEV_EP-SIGMARED:legacy
HERA_CC_318GEV_EM-SIGMARED:legacy HERA_CC_318GEV_EP-SIGMARED:legacy
"""

_MORE_OF_NNPDF40 = """
CHORUS_CC_NOTFIXED_PB_NU-SIGMARED:legacy_dw CHORUS_CC_NOTFIXED_PB_NB-SIGMARED:legacy_dw
NUTEV_CC_NOTFIXED_FE_NU-SIGMARED:legacy_dw:MAS NUTEV_CC_NOTFIXED_FE_NB-SIGMARED:legacy_dw:MAS
HERA_NC_318GEV_EAVG_CHARM-SIGMARED:legacy HERA_NC_318GEV_EAVG_BOTTOM-SIGMARED:legacy
"""

PRESETS: Mapping[str, tuple[ChosenData, ...]] = MappingProxyType(
    {"small": _choose(_SMALL), "dis": _choose(_DIS), "dis_nnpdf40": _choose(_DIS + _MORE_OF_NNPDF40)}
)
"""Choices by name: five sets for trying out, the inclusive deep-inelastic data, and those of NNPDF4.0."""
