//! Where data is kept.

use crate::config::database::DatabaseConfig;
use crate::config::parse::{existing_file, path};
use crate::config::reader::{Faulty, Reader};
use crate::config::redis::RedisConfig;
use crate::config::setting::Setting;
use std::path::PathBuf;

pub(crate) const DATA_DIR: Setting = Setting::new(
    "DATA_DIR",
    "./data",
    "folder of the database, of the keys made in development, and of the mails in `mail/*.eml`",
);
pub(crate) const TLS_CA_FILE: Setting = Setting::derived(
    "TLS_CA_FILE",
    "none: the authorities that the system trusts",
    "/etc/gatewright/ca.pem",
    "PEM file of certificate authorities to trust besides the system's: for the database, Redis and the mail server",
);

/// Where data is kept.
#[derive(Debug, Clone)]
pub struct StorageConfig {
    /// The folder for everything that is kept in files.
    pub data_dir: PathBuf,
    /// The database.
    pub database: DatabaseConfig,
    /// What the processes that share the database share besides; `None`: there is one process, or nothing is shared.
    pub redis: Option<RedisConfig>,
    /// Certificate authorities to trust besides the system's.
    pub tls_ca_file: Option<PathBuf>,
}

impl StorageConfig {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Faulty> {
        let data_dir = reader.read(&DATA_DIR, path);
        let tls_ca_file = reader.read_optional(&TLS_CA_FILE, existing_file);
        let redis = RedisConfig::read(reader);
        let data_dir = data_dir?;
        let database = DatabaseConfig::read(reader, &data_dir);
        Ok(Self {
            database: database?,
            redis: redis?,
            tls_ca_file: tls_ca_file?,
            data_dir,
        })
    }

    /// Where mails land while no mail server is configured.
    #[must_use]
    pub fn mail_dir(&self) -> PathBuf {
        self.data_dir.join("mail")
    }

    /// Where keys made in development are kept.
    #[must_use]
    pub fn keys_dir(&self) -> PathBuf {
        self.data_dir.join("keys")
    }
}
