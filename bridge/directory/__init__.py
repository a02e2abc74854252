"""The directory: contact centers with their features, users and devices, from the site file or a database."""

from bridge.directory.changes import Change, Edit
from bridge.directory.commands import DeviceFields, ProvisioningError, ProvisioningErrorCode, UserFields
from bridge.directory.directory import Directory
from bridge.directory.model import ContactCenter, DirectoryDevice, TServerConfig, User, UserRole
from bridge.directory.persistence import DirectoryStore, StoreError, load_directory, open_store
from bridge.directory.provisioning import Provisioning

__all__ = [
    "Change",
    "ContactCenter",
    "DeviceFields",
    "Directory",
    "DirectoryDevice",
    "DirectoryStore",
    "Edit",
    "Provisioning",
    "ProvisioningError",
    "ProvisioningErrorCode",
    "StoreError",
    "TServerConfig",
    "User",
    "UserFields",
    "UserRole",
    "load_directory",
    "open_store",
]
