"""The numbers of what is the vendor's own: PrivateMsgID of RequestPrivateService and EventPrivateInfo."""

from enum import IntEnum


class PrivateMsgID(IntEnum):
    """The services that the simulated T-Server knows.

    Only the number of MonitorMode is public (SIP Server). The others are this project's own; all other
    code names them from here, so that they can be changed here.
    """

    StartRecording = 3001
    StopRecording = 3002
    PauseRecording = 3003
    ResumeRecording = 3004
    MonitorMode = 4024
