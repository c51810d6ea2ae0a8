//! Collecting what is given from outside: the process environment, then `.env`, each also as `NAME_FILE`.

use crate::config::fault::Fault;
use crate::config::near_name::near_name;
use crate::config::setting::{FileReading, Setting};
use crate::config::settings::all_settings;
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;

const FILE_SUFFIX: &str = "_FILE";

/// The values given from outside, before they have types. Text wherever it comes from is held as a secret.
#[derive(Debug, Default)]
pub struct Given {
    values: BTreeMap<&'static str, GivenValue>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) warnings: Vec<String>,
}

/// One value and where it comes from.
#[derive(Debug)]
pub(crate) struct GivenValue {
    /// The path where the file is left to whoever uses the setting.
    pub(crate) text: SecretString,
    pub(crate) origin: Origin,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The process environment.
    Environment,
    /// The file `.env`.
    DotEnv,
    /// The file that `NAME_FILE` names.
    File(String),
}

type Texts = BTreeMap<String, (SecretString, Origin)>;

impl Given {
    /// What this process was started with: its environment, and `.env` in its working directory.
    #[must_use]
    pub fn from_process() -> Self {
        match fs::read_to_string(".env") {
            Ok(dotenv) => Self::gather(std::env::vars_os(), &dotenv),
            Err(error) if error.kind() == ErrorKind::NotFound => Self::gather(std::env::vars_os(), ""),
            Err(error) => {
                let mut given = Self::gather(std::env::vars_os(), "");
                given.faults.push(Fault::of_dotenv(&format!("cannot be read: {error}")));
                given
            }
        }
    }

    /// These pairs and nothing else, for tests and for hosts that keep their settings elsewhere.
    #[must_use]
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let pairs = pairs.into_iter().map(|(name, text)| (name.into(), text.into()));
        Self::gather(pairs, "")
    }

    pub(crate) fn gather(environment: impl Iterator<Item = (OsString, OsString)>, dotenv: &str) -> Self {
        let mut given = Self::default();
        let mut texts = Texts::new();
        given.take_environment(environment, &mut texts);
        given.take_dotenv(dotenv, &mut texts);
        given.resolve(&texts);
        given
    }

    pub(crate) fn value(&self, setting: &Setting) -> Option<&GivenValue> {
        self.values.get(setting.name)
    }

    fn take_environment(&mut self, pairs: impl Iterator<Item = (OsString, OsString)>, texts: &mut Texts) {
        for (name, text) in pairs {
            let Ok(name) = name.into_string() else { continue };
            match text.into_string() {
                Ok(text) => {
                    texts.insert(name, (text.into(), Origin::Environment));
                }
                Err(_) => {
                    if let Some(setting) = all_settings().find(|setting| setting.name == name) {
                        self.faults.push(Fault::of(setting, "its value is not UTF-8"));
                    }
                }
            }
        }
    }

    fn take_dotenv(&mut self, file: &str, texts: &mut Texts) {
        let file = file.trim_start_matches('\u{feff}');
        let mut last_read = None;
        for item in dotenvy::from_read_iter(file.as_bytes()) {
            if let Ok((name, text)) = item {
                last_read = Some(name.clone());
                texts.entry(name).or_insert((text.into(), Origin::DotEnv));
            } else {
                // dotenvy's own message quotes the line, which may hold a secret.
                let place = last_read.map_or("the first setting".to_owned(), |name| format!("what follows {name}"));
                let wrong = format!("{place} is not NAME=value (a value with spaces needs quotes)");
                self.faults.push(Fault::of_dotenv(&wrong));
                return;
            }
        }
    }

    fn resolve(&mut self, texts: &Texts) {
        for setting in all_settings() {
            match resolve_one(setting, texts) {
                Ok(Some(value)) => {
                    self.values.insert(setting.name, value);
                }
                Ok(None) => {}
                Err(fault) => self.faults.push(fault),
            }
        }
        self.warn_of_near_names(texts);
    }

    fn warn_of_near_names(&mut self, texts: &Texts) {
        for (name, (_, origin)) in texts {
            if let Some(meant) = near_name(name) {
                let place = if *origin == Origin::DotEnv {
                    ".env"
                } else {
                    "the environment"
                };
                self.warnings
                    .push(format!("{name} in {place} is not a setting; did you mean {meant}?"));
            }
        }
    }
}

fn resolve_one(setting: &Setting, texts: &Texts) -> Result<Option<GivenValue>, Fault> {
    let direct = non_empty(texts, setting.name);
    let file_setting = format!("{}{FILE_SUFFIX}", setting.name);
    let by_file = non_empty(texts, &file_setting);
    match (direct, by_file) {
        (None, None) => Ok(None),
        (Some((text, origin)), None) => Ok(Some(GivenValue {
            text: text.clone(),
            origin: origin.clone(),
        })),
        (None, Some((path, _))) if setting.file == FileReading::Followed => Ok(Some(GivenValue {
            text: path.clone(),
            origin: Origin::File(path.expose_secret().to_owned()),
        })),
        (None, Some((path, _))) => read_value_file(setting, &file_setting, path.expose_secret()),
        (Some(_), Some(_)) => Err(Fault::of(
            setting,
            &format!("is given together with {file_setting}; give one of them"),
        )),
    }
}

fn non_empty<'a>(texts: &'a Texts, name: &str) -> Option<&'a (SecretString, Origin)> {
    texts
        .get(name)
        .filter(|(text, _)| !text.expose_secret().trim().is_empty())
}

fn read_value_file(setting: &Setting, file_setting: &str, path: &str) -> Result<Option<GivenValue>, Fault> {
    let text = fs::read_to_string(path).map_err(|error| {
        Fault::of(
            setting,
            &format!("{file_setting} names {path:?}, which cannot be read: {error}"),
        )
    })?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.trim().is_empty() {
        return Err(Fault::of(
            setting,
            &format!("{file_setting} names {path:?}, which is empty"),
        ));
    }
    Ok(Some(GivenValue {
        text: text.into(),
        origin: Origin::File(path.to_owned()),
    }))
}
