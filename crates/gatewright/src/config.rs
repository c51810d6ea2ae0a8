//! The configuration: every setting with its type, read from the environment.
//!
//! [`settings`] is the one table of what there is; each section has a file that gives its values their types.
//! [`documents`] writes `.env.example`, the README's table and `config explain` from that table.

pub mod background;
pub mod browsers;
pub mod database;
pub mod documents;
pub mod environment;
pub mod fault;
pub mod given;
pub mod hashing;
pub mod keys;
pub mod limits;
pub mod logging;
pub mod mail;
mod near_name;
pub mod observation;
mod parse;
pub mod passwords;
pub mod proofs;
mod reader;
pub mod redis;
pub mod server;
pub mod sessions;
pub mod setting;
pub mod settings;
pub mod storage;

use crate::config::background::BackgroundConfig;
use crate::config::browsers::BrowserConfig;
use crate::config::environment::Environment;
use crate::config::fault::Faults;
use crate::config::given::Given;
use crate::config::hashing::HashConfig;
use crate::config::keys::KeyConfig;
use crate::config::limits::LimitConfig;
use crate::config::logging::LogConfig;
use crate::config::mail::MailConfig;
use crate::config::observation::ObservationConfig;
use crate::config::passwords::PasswordConfig;
use crate::config::proofs::ProofConfig;
use crate::config::reader::{Faulty, Reader};
use crate::config::server::ServerConfig;
use crate::config::sessions::SessionConfig;
use crate::config::storage::StorageConfig;
use url::Url;

/// Everything an instance is configured with. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Config {
    /// What the instance is for.
    pub environment: Environment,
    /// Where it listens.
    pub server: ServerConfig,
    /// Where data is kept.
    pub storage: StorageConfig,
    /// The keys.
    pub keys: KeyConfig,
    /// How long sessions and tokens live.
    pub sessions: SessionConfig,
    /// Proving addresses and recovering passwords.
    pub proofs: ProofConfig,
    /// What makes a new password acceptable.
    pub passwords: PasswordConfig,
    /// What a password hash costs.
    pub hashing: HashConfig,
    /// What browsers of other origins may do.
    pub browsers: BrowserConfig,
    /// What mails look like.
    pub mail: MailConfig,
    /// How many mails strangers can cause.
    pub limits: LimitConfig,
    /// Work beside the requests.
    pub background: BackgroundConfig,
    /// What can be seen of the process.
    pub observation: ObservationConfig,
    /// What is logged.
    pub logging: LogConfig,
    /// What is allowed and yet worth telling, one line each.
    pub warnings: Vec<String>,
}

impl Config {
    /// Reads what was given.
    ///
    /// # Errors
    /// [`Faults`]: everything that is wrong, not the first of it only.
    pub fn read(given: &Given) -> Result<Self, Faults> {
        let mut reader = Reader::new(given);
        let config = Self::read_sections(&mut reader);
        match config {
            Ok(config) if reader.faults.is_empty() => Ok(Self {
                warnings: reader.warnings,
                ..config
            }),
            _ => Err(Faults(reader.faults)),
        }
    }

    /// Where browsers reach an instance that listens on `port`: what was configured, or `http://localhost` and the port.
    #[must_use]
    pub fn public_base_url(&self, port: u16) -> Url {
        self.server.public_base_url.clone().unwrap_or_else(|| localhost(port))
    }

    /// `iss` of access tokens: what was configured, or the public base URL. Where that follows from a port which the system
    /// picks anew at every start, it goes without the port, so that tokens outlive a restart.
    #[must_use]
    pub fn token_issuer(&self) -> String {
        let issuer = || match self.server.bind.port() {
            0 if self.server.public_base_url.is_none() => "http://localhost".to_owned(),
            port => self.public_base_url(port).as_str().trim_end_matches('/').to_owned(),
        };
        self.sessions.issuer.clone().unwrap_or_else(issuer)
    }

    fn read_sections(reader: &mut Reader<'_>) -> Result<Self, Faulty> {
        let environment = Environment::read(reader);
        let server = ServerConfig::read(reader, environment);
        let storage = StorageConfig::read(reader);
        let keys = KeyConfig::read(reader, environment);
        let sessions = SessionConfig::read(reader);
        let proofs = ProofConfig::read(reader);
        let mail = MailConfig::read(reader, environment);
        let passwords = PasswordConfig::read(reader);
        let hashing = HashConfig::read(reader);
        let browsers = BrowserConfig::read(reader);
        let limits = LimitConfig::read(reader);
        let background = BackgroundConfig::read(reader);
        let observation = ObservationConfig::read(reader);
        let logging = LogConfig::read(reader);
        Ok(Self {
            environment: environment?,
            server: server?,
            storage: storage?,
            keys: keys?,
            sessions: sessions?,
            proofs: proofs?,
            passwords: passwords?,
            hashing: hashing?,
            browsers: browsers?,
            mail: mail?,
            limits: limits?,
            background: background?,
            observation: observation?,
            logging: logging?,
            warnings: Vec::new(),
        })
    }
}

#[expect(clippy::expect_used, reason = "any port makes a URL")]
fn localhost(port: u16) -> Url {
    Url::parse(&format!("http://localhost:{port}")).expect("a URL")
}

#[cfg(test)]
mod tests;
