"""Examination of an installation: versions, devices, folders, what is missing for which command, and conflicts."""

from n3fit.diagnosis.examination import diagnose as diagnose
from n3fit.diagnosis.records import Diagnosis as Diagnosis
from n3fit.diagnosis.records import Extra as Extra
from n3fit.diagnosis.records import Finding as Finding
from n3fit.diagnosis.records import Library as Library
from n3fit.diagnosis.records import Place as Place
