//! What the adapters make of their settings, before anything is opened.

use crate::config::Config;
use crate::config::database::DatabaseConfig;
use crate::config::fault::{Fault, Faults};
use crate::config::keys::{PASSWORD_PEPPER, SECRET_KEY, SECRET_KEY_PREVIOUS};
use crate::config::setting::Setting;
use crate::config::{hashing, mail, passwords};
use crate::wiring::mail::MailRoute;
use crate::wiring::redis::options as redis_options;
use crate::wiring::signing_keys::SigningKeys;
use crate::wiring::storage::postgres_options;
use gatewright_adapter_blocklist::filter_blocklist::FilterBlocklist;
use gatewright_adapter_crypto::{Argon2Profile, Peppers, SecretKey};
use gatewright_adapter_minijinja::mail_renderer::MinijinjaMailRenderer;
use std::fmt::Display;

/// Settings in the adapters' own types.
pub(crate) struct Judged {
    /// `None`: made in development.
    pub(crate) secret_key: Option<SecretKey>,
    pub(crate) previous_secret_keys: Vec<SecretKey>,
    /// `None`: made in development.
    pub(crate) signing_keys: Option<SigningKeys>,
    pub(crate) peppers: Peppers,
    pub(crate) hash_profile: Argon2Profile,
    pub(crate) blocklist: FilterBlocklist,
    pub(crate) mail_route: MailRoute,
    pub(crate) mail_renderer: MinijinjaMailRenderer,
}

impl Judged {
    /// Asks every adapter, and tells all that is wrong at once.
    pub(crate) fn new(config: &Config) -> Result<Self, Faults> {
        let mut faults = Vec::new();
        let keys = &config.keys;
        let hashing = &config.hashing;
        let secret_key = keys.secret_key.as_ref().map(SecretKey::parse).transpose();
        let previous: Result<_, _> = keys.previous_secret_keys.iter().map(SecretKey::parse).collect();
        let peppers: Result<Vec<SecretKey>, _> = keys.peppers.iter().map(SecretKey::parse).collect();
        let profile = Argon2Profile::new(hashing.memory_kib, hashing.iterations, hashing.parallelism);
        let secret_key = accepted(&SECRET_KEY, secret_key, &mut faults);
        let previous_secret_keys = accepted(&SECRET_KEY_PREVIOUS, previous, &mut faults);
        let signing_keys = SigningKeys::given(&keys.token_keys).map_err(|fault| faults.push(fault));
        let peppers = accepted(&PASSWORD_PEPPER, peppers, &mut faults);
        let hash_profile = accepted(&hashing::HASH_MEMORY_KIB, profile, &mut faults);
        let mail_route = MailRoute::new(config).map_err(|faulty| faults.extend(faulty.0)).ok();
        let blocklist = match &config.passwords.blocklist_file {
            Some(file) => FilterBlocklist::with_file(file),
            None => Ok(FilterBlocklist::embedded()),
        };
        let blocklist = accepted(&passwords::PASSWORD_BLOCKLIST_FILE, blocklist, &mut faults);
        let renderer = MinijinjaMailRenderer::new(config.mail.templates_dir.as_deref());
        let mail_renderer = accepted(&mail::MAIL_TEMPLATES_DIR, renderer, &mut faults);
        if let DatabaseConfig::Postgres(postgres) = &config.storage.database {
            faults.extend(postgres_options(&config.storage, postgres).err());
        }
        if let Some(redis) = &config.storage.redis {
            faults.extend(redis_options(&config.storage, redis).err());
        }
        let judged = || {
            Some(Self {
                secret_key: secret_key?,
                previous_secret_keys: previous_secret_keys?,
                signing_keys: signing_keys.ok()?,
                peppers: Peppers::new(&peppers?),
                hash_profile: hash_profile?,
                blocklist: blocklist?,
                mail_route: mail_route?,
                mail_renderer: mail_renderer?,
            })
        };
        match judged() {
            Some(judged) if faults.is_empty() => Ok(judged),
            _ => Err(Faults(faults)),
        }
    }
}

fn accepted<T, E: Display>(setting: &Setting, outcome: Result<T, E>, faults: &mut Vec<Fault>) -> Option<T> {
    outcome
        .map_err(|error| faults.push(Fault::of(setting, &error.to_string())))
        .ok()
}
