//! The composition root: the one place that knows which adapter serves which port.

mod judged;
pub(crate) mod mail;
mod observation;
pub(crate) mod signing_keys;
pub(crate) mod storage;

use crate::background::Spawned;
use crate::config::Config;
use crate::config::background::BackgroundConfig;
use crate::config::fault::Faults;
use crate::config::hashing::HashConfig;
use crate::config::sessions::SessionConfig;
use crate::start_error::StartError;
use crate::wiring::judged::Judged;
use crate::wiring::observation::Observed;
use crate::wiring::signing_keys::{KeyRingReload, SigningKeys};
use crate::wiring::storage::Database;
use gatewright_adapter_crypto::{
    Argon2PasswordHasher, Argon2Profile, HashSettings, HmacRefreshTokens, KeyedDigests, OsSecrets, PasetoAccessTokens,
    PasetoMailSealer, Peppers, SecretKeys,
};
use gatewright_adapter_local::announcements::LocalAnnouncements;
use gatewright_adapter_local::remembered_identities::MokaRememberedIdentities;
use gatewright_adapter_prometheus::PrometheusMeasurements;
use gatewright_application::application::{Application, ApplicationSettings, Ports};
use gatewright_application::jobs::retention::RetentionPolicy;
use gatewright_application::ports::clock::Clock;
use gatewright_application::ports::health_probe::HealthProbe;
use gatewright_application::ports::secrets::Secrets;
use gatewright_delivery_http::development::DevelopmentMailbox;
use gatewright_delivery_http::state::Observation;
use gatewright_scheduler::MailSignal;
use std::sync::Arc;
use url::Url;

/// Memory for verified access tokens: some ten thousand of them.
const REMEMBERED_IDENTITIES_BYTES: u64 = 32 * 1024 * 1024;

/// Somebody has to find out why they never left.
const PARKED_MAILS_ARE_KEPT_TIMES_AS_LONG: i32 = 4;

/// The parts of one instance, put together.
pub(crate) struct Wired {
    pub(crate) application: Application,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) secrets: Arc<dyn Secrets>,
    pub(crate) database: Database,
    /// Where mails can be read that become files.
    pub(crate) mailbox: Option<Arc<dyn DevelopmentMailbox>>,
    pub(crate) mail_signal: Arc<MailSignal>,
    pub(crate) health_probes: Vec<Arc<dyn HealthProbe>>,
    pub(crate) observation: Observation,
    pub(crate) key_ring_reload: Option<KeyRingReload>,
}

/// Whether every adapter accepts its settings. Nothing is opened and nothing is made.
pub(crate) fn check(config: &Config) -> Result<(), Faults> {
    Judged::new(config).map(|_| ())
}

/// Opens everything that `config` names, migrates the database, and puts it all together.
pub(crate) fn wire(config: &Config, public_base_url: &Url) -> Result<Wired, StartError> {
    let judged = Judged::new(config)?;
    storage::make_data_folder(&config.storage)?;
    let secret_keys = SecretKeys {
        current: storage::secret_key(judged.secret_key, &config.storage)?,
        previous: judged.previous_secret_keys,
    };
    let signing_keys = match judged.signing_keys {
        Some(keys) => keys,
        None => SigningKeys::made(&config.storage)?,
    };
    let store = storage::open(&config.storage)?;
    let hasher = password_hasher(&config.hashing, judged.hash_profile, judged.peppers)?;
    let mail = judged.mail_route;
    let mail_signal = Arc::new(MailSignal::default());
    let (clock, secrets): (_, Arc<dyn Secrets>) = (store.clock, Arc::new(OsSecrets));
    let health_probes: Vec<Arc<dyn HealthProbe>> = vec![store.health, mail.health];
    let measurements = Arc::new(PrometheusMeasurements::new(
        env!("CARGO_PKG_VERSION"),
        Arc::clone(&clock),
    ));
    let observed = Observed {
        measurements: Arc::clone(&measurements),
        database: store.database.clone(),
        redis: None,
        outbox: Arc::clone(&store.outbox),
        clock: Arc::clone(&clock),
    };
    let ports = Ports {
        users: store.users,
        registrations: store.registrations,
        challenges: store.challenges,
        sessions: store.sessions,
        attempt_counters: store.attempt_counters,
        outbox: store.outbox,
        changes: store.changes,
        clock: Arc::clone(&clock),
        secrets: Arc::clone(&secrets),
        digests: Arc::new(KeyedDigests::new(&secret_keys.current)),
        password_hasher: Arc::new(hasher),
        password_blocklist: Arc::new(judged.blocklist),
        access_tokens: Arc::new(access_tokens(config, &signing_keys, &clock)),
        refresh_tokens: Arc::new(HmacRefreshTokens::new(&secret_keys)),
        remembered_identities: Arc::new(remembered_identities(&config.sessions)),
        announcements: Arc::new(LocalAnnouncements::alone()),
        mail_sealer: Arc::new(PasetoMailSealer::new(&secret_keys)),
        mail_renderer: Arc::new(judged.mail_renderer),
        mail_transport: mail.transport,
        outbox_signal: mail_signal.clone(),
        uninterrupted: Arc::new(Spawned),
        jobs: store.jobs,
        expired_rows: store.expired_rows,
        signing_key_rotation: signing_keys.rotation(config.sessions.policy.access_token_ttl),
        measurements,
        health_probes: health_probes.clone(),
    };
    Ok(Wired {
        application: Application::new(&ports, &application_settings(config, public_base_url)),
        clock,
        secrets,
        database: store.database,
        mailbox: mail.mailbox,
        mail_signal,
        health_probes,
        observation: observed.observation(),
        key_ring_reload: signing_keys.into_reload(),
    })
}

fn password_hasher(
    config: &HashConfig,
    profile: Argon2Profile,
    peppers: Peppers,
) -> Result<Argon2PasswordHasher, StartError> {
    let settings = HashSettings {
        profile,
        threads: config.threads,
        queue: config.queue,
        wait: config.max_wait.unsigned_abs(),
        peppers,
    };
    Argon2PasswordHasher::start(settings).map_err(|error| StartError::dependency("password hashing", &error))
}

fn access_tokens(config: &Config, keys: &SigningKeys, clock: &Arc<dyn Clock>) -> PasetoAccessTokens {
    let audience = config.sessions.audience.clone();
    PasetoAccessTokens::new(keys.ring(), config.token_issuer(), audience, Arc::clone(clock))
}

fn remembered_identities(config: &SessionConfig) -> MokaRememberedIdentities {
    MokaRememberedIdentities::new(REMEMBERED_IDENTITIES_BYTES, config.policy.access_token_ttl)
}

fn application_settings(config: &Config, public_base_url: &Url) -> ApplicationSettings {
    let product = &config.mail.product_name;
    let mut passwords = config.passwords.policy.clone();
    passwords.context_words.push(product.clone());
    ApplicationSettings {
        public_base_url: public_base_url.as_str().trim_end_matches('/').to_owned(),
        product: product.clone(),
        email_verification: config.proofs.email_verification,
        challenges: config.proofs.policy,
        password_reset_method: config.proofs.reset_method,
        passwords,
        sessions: config.sessions.policy,
        mail_quotas: config.limits.mail.clone(),
        retention: retention(&config.background),
        signing_key_max_age: config.background.signing_key_rotation,
    }
}

fn retention(config: &BackgroundConfig) -> RetentionPolicy {
    RetentionPolicy {
        ended_sessions: config.session_retention,
        sent_mails: config.outbox_retention,
        parked_mails: config.outbox_retention * PARKED_MAILS_ARE_KEPT_TIMES_AS_LONG,
        audit_events: config.audit_retention,
    }
}
