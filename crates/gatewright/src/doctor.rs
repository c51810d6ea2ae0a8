//! Examining everything that an instance depends on, and saying what to do about what does not work.

use crate::config::Config;
use crate::config::database::DatabaseConfig;
use crate::gatewright::Gatewright;
use crate::start_error::StartError;
use crate::wiring::signing_keys::list_signing_keys;
use crate::wiring::storage::{make_data_folder, migration_status};
use gatewright_application::ports::health_probe::HealthProbe;
use std::fmt::Display;
use std::path::Path;
use tokio::task::spawn_blocking;

/// What was found out about one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// About what.
    pub about: &'static str,
    /// How it stands.
    pub verdict: Verdict,
    /// What was seen, in one line, without secrets.
    pub seen: String,
    /// What to do; empty where there is nothing to do.
    pub advice: &'static str,
}

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It works.
    Fine,
    /// It works, and is worth a thought.
    Remarkable,
    /// It does not work.
    Broken,
}

/// Examines the settings, the data folder, the keys, the database, and every other server that `config` names. Changes nothing but
/// that it makes, as a first start in development does, the data folder and the keys in it.
pub async fn examine(config: Config) -> Vec<Finding> {
    let mut findings: Vec<Finding> = config.warnings.iter().map(|text| warning(text)).collect();
    if let Err(faults) = crate::check(&config) {
        findings.extend(faults.0.iter().map(|fault| {
            Finding::broken(
                "settings",
                fault,
                "`gatewright config explain` tells what every setting means",
            )
        }));
        return findings;
    }
    findings.push(Finding::fine(
        "settings",
        format!("they can be used, for {}", config.environment.as_str()),
    ));
    findings.push(data_folder(&config));
    findings.push(signing_keys(&config));
    let (tables, state) = tables(&config).await;
    findings.push(tables);
    findings.extend(dependencies(config, state).await);
    findings
}

fn warning(warning: &str) -> Finding {
    Finding {
        about: "settings",
        verdict: Verdict::Remarkable,
        seen: warning.to_owned(),
        advice: "",
    }
}

fn data_folder(config: &Config) -> Finding {
    const ADVICE: &str = "give DATA_DIR a folder that this user may write to";
    let folder = &config.storage.data_dir;
    let written = make_data_folder(&config.storage)
        .map_err(|error| error.to_string())
        .and_then(|()| can_be_written(folder).map_err(|error| error.to_string()));
    match written {
        Ok(()) => Finding::fine("data folder", format!("{:?} can be written", folder.display())),
        Err(error) => Finding::broken("data folder", error, ADVICE),
    }
}

fn can_be_written(folder: &Path) -> std::io::Result<()> {
    let file = folder.join(".doctor");
    std::fs::write(&file, "")?;
    std::fs::remove_file(&file)
}

fn signing_keys(config: &Config) -> Finding {
    match list_signing_keys(config) {
        Ok(keys) if keys.iter().any(|key| key.state == "signing") => {
            Finding::fine("signing keys", format!("{} of them, one signs", keys.len()))
        }
        Ok(_) => Finding::broken(
            "signing keys",
            "none of them signs now",
            "`gatewright keys rotate` makes one",
        ),
        Err(error) => Finding::broken(
            "signing keys",
            error,
            "`gatewright keys list` tells the same; check TOKEN_KEYS",
        ),
    }
}

/// What is known of the database before anything is opened.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tables {
    Current,
    Pending,
    OutOfReach,
}

async fn tables(config: &Config) -> (Finding, Tables) {
    let storage = config.storage.clone();
    let found = spawn_blocking(move || migration_status(&storage)).await;
    let out_of_reach = |error: &dyn Display| {
        let finding = Finding::broken("database", error, DATABASE_ADVICE);
        (finding, Tables::OutOfReach)
    };
    let status = match found {
        Ok(Ok(status)) => status,
        Ok(Err(error)) => return out_of_reach(&error),
        Err(error) => return out_of_reach(&error),
    };
    let pending = status.iter().filter(|migration| !migration.applied).count();
    if pending == 0 {
        let seen = format!("{} migrations, all applied", status.len());
        return (Finding::fine("tables", seen), Tables::Current);
    }
    let finding = Finding {
        about: "tables",
        verdict: Verdict::Remarkable,
        seen: format!("{pending} migrations are pending"),
        advice: "`gatewright migrate up` runs them; so does the start of the server, unless MIGRATE_AT_START=off",
    };
    (finding, Tables::Pending)
}

const DATABASE_ADVICE: &str = "check that the server of DATABASE_URL runs, is reached from here, accepts this user, and has a certificate of an authority in TLS_CA_FILE or of the system";

/// What the database said already is not asked again. A file is not opened where that would migrate it.
async fn dependencies(config: Config, tables: Tables) -> Vec<Finding> {
    let is_file = matches!(config.storage.database, DatabaseConfig::Sqlite(_));
    if is_file && tables != Tables::Current {
        return Vec::new();
    }
    let port = config.server.bind.port();
    let gatewright = match Gatewright::build(config, port) {
        Ok(gatewright) => gatewright,
        Err(error) => return vec![broken_start(&error)],
    };
    if tables == Tables::Current {
        gatewright.wait_for_storage().await;
    }
    let mut findings = Vec::new();
    for probe in gatewright.health_probes() {
        let rests_on_the_database = matches!(probe.name(), "database" | "clock");
        if tables == Tables::Current || !rests_on_the_database {
            findings.push(dependency(probe.as_ref()).await);
        }
    }
    gatewright.close().await;
    findings
}

fn broken_start(error: &StartError) -> Finding {
    Finding::broken("start", error, "the server would not start either")
}

async fn dependency(probe: &dyn HealthProbe) -> Finding {
    match probe.check().await {
        Ok(()) => Finding::fine(probe.name(), "it answers"),
        Err(error) => Finding::broken(probe.name(), error, advice_about(probe.name())),
    }
}

fn advice_about(dependency: &str) -> &'static str {
    match dependency {
        "database" => DATABASE_ADVICE,
        "redis" => {
            "check REDIS_URL and, for TLS, TLS_CA_FILE; until it answers, each request looks its session up in the database"
        }
        "mail" => {
            "check SMTP_URL and, for TLS, TLS_CA_FILE, and that the mail server is reached from here; mails wait in the outbox until then"
        }
        "clock" => {
            "have this machine's clock set by NTP; what expires goes by the database's time, but logs and certificates by this"
        }
        _ => "",
    }
}

impl Finding {
    fn fine(about: &'static str, seen: impl Into<String>) -> Self {
        Self {
            about,
            verdict: Verdict::Fine,
            seen: seen.into(),
            advice: "",
        }
    }

    fn broken(about: &'static str, seen: impl Display, advice: &'static str) -> Self {
        Self {
            about,
            verdict: Verdict::Broken,
            seen: seen.to_string(),
            advice,
        }
    }
}
