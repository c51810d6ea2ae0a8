//! The composition root: the one place that knows which adapter serves which port.

mod judged;
pub(crate) mod mail;
mod observation;
pub(crate) mod redis;
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
use crate::wiring::mail::MailRoute;
use crate::wiring::observation::Observed;
use crate::wiring::redis::Link;
use crate::wiring::signing_keys::{KeyRingReload, SigningKeys};
use crate::wiring::storage::{Database, Storage};
use gatewright_adapter_blocklist::filter_blocklist::FilterBlocklist;
use gatewright_adapter_crypto::{
    Argon2PasswordHasher, Argon2Profile, HashSettings, HmacRefreshTokens, KeyedDigests, OsSecrets, PasetoAccessTokens,
    PasetoMailSealer, Peppers, SecretKeys,
};
use gatewright_adapter_local::remembered_identities::MokaRememberedIdentities;
use gatewright_adapter_minijinja::mail_renderer::MinijinjaMailRenderer;
use gatewright_adapter_prometheus::PrometheusMeasurements;
use gatewright_adapter_redis::RedisAnnouncements;
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
    /// To leave the other processes at the end.
    pub(crate) announcements: Option<Arc<RedisAnnouncements>>,
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

/// What stands before the use cases are put together.
struct Opened {
    secret_keys: SecretKeys,
    signing_keys: SigningKeys,
    store: Storage,
    link: Link,
    mail: MailRoute,
    mail_signal: Arc<MailSignal>,
    mail_renderer: Arc<MinijinjaMailRenderer>,
    hasher: Arc<Argon2PasswordHasher>,
    blocklist: Arc<FilterBlocklist>,
    secrets: Arc<dyn Secrets>,
    measurements: Arc<PrometheusMeasurements>,
}

/// Opens everything that `config` names, migrates the database, and puts it all together.
pub(crate) fn wire(config: &Config, public_base_url: &Url) -> Result<Wired, StartError> {
    let opened = open(config)?;
    let ports = opened.ports(config);
    Ok(Wired {
        application: Application::new(&ports, &application_settings(config, public_base_url)),
        clock: ports.clock,
        secrets: ports.secrets,
        observation: opened.observed().observation(),
        health_probes: ports.health_probes,
        database: opened.store.database,
        announcements: opened.link.redis.map(|redis| redis.announcements),
        mailbox: opened.mail.mailbox,
        mail_signal: opened.mail_signal,
        key_ring_reload: opened.signing_keys.into_reload(ports.remembered_identities),
    })
}

fn open(config: &Config) -> Result<Opened, StartError> {
    let judged = Judged::new(config)?;
    storage::make_data_folder(&config.storage)?;
    let secret_key = storage::secret_key(judged.secret_key, &config.storage)?;
    let made_keys = || SigningKeys::made(&config.storage);
    let signing_keys = judged.signing_keys.map_or_else(made_keys, Ok)?;
    let store = storage::open(&config.storage)?;
    let secrets: Arc<dyn Secrets> = Arc::new(OsSecrets);
    let version = env!("CARGO_PKG_VERSION");
    let measurements = Arc::new(PrometheusMeasurements::new(version, Arc::clone(&store.clock)));
    let hasher = password_hasher(&config.hashing, judged.hash_profile, judged.peppers)?;
    Ok(Opened {
        secret_keys: SecretKeys {
            current: secret_key,
            previous: judged.previous_secret_keys,
        },
        signing_keys,
        link: redis::open(&config.storage, secrets.new_id(store.clock.now()))?,
        mail: judged.mail_route,
        mail_signal: Arc::default(),
        mail_renderer: Arc::new(judged.mail_renderer),
        hasher: Arc::new(hasher.measured_by(measurements.clone())),
        blocklist: Arc::new(judged.blocklist),
        measurements,
        secrets,
        store,
    })
}

impl Opened {
    fn ports(&self, config: &Config) -> Ports {
        let store = self.store.clone();
        Ports {
            users: store.users,
            registrations: store.registrations,
            challenges: store.challenges,
            sessions: store.sessions,
            attempt_counters: store.attempt_counters,
            outbox: store.outbox,
            changes: store.changes,
            jobs: store.jobs,
            expired_rows: store.expired_rows,
            digests: Arc::new(KeyedDigests::new(&self.secret_keys.current)),
            secrets: Arc::clone(&self.secrets),
            password_hasher: self.hasher.clone(),
            password_blocklist: self.blocklist.clone(),
            access_tokens: Arc::new(access_tokens(config, &self.signing_keys, &store.clock)),
            refresh_tokens: Arc::new(HmacRefreshTokens::new(&self.secret_keys)),
            signing_key_rotation: self.signing_keys.rotation(config.sessions.policy.access_token_ttl),
            remembered_identities: Arc::new(remembered_identities(&config.sessions)),
            announcements: Arc::clone(&self.link.announcements),
            mail_sealer: Arc::new(PasetoMailSealer::new(&self.secret_keys)),
            mail_renderer: self.mail_renderer.clone(),
            mail_transport: Arc::clone(&self.mail.transport),
            outbox_signal: self.mail_signal.clone(),
            uninterrupted: Arc::new(Spawned),
            measurements: self.measurements.clone(),
            health_probes: health_probes(&self.store, &self.mail, &self.link),
            clock: store.clock,
        }
    }

    fn observed(&self) -> Observed {
        Observed {
            measurements: Arc::clone(&self.measurements),
            hasher: self.hasher.gauges(),
            database: self.store.database.clone(),
            redis: self.link.redis.as_ref().map(|redis| Arc::clone(&redis.gauges)),
            outbox: Arc::clone(&self.store.outbox),
            clock: Arc::clone(&self.store.clock),
        }
    }
}

fn health_probes(store: &Storage, mail: &MailRoute, link: &Link) -> Vec<Arc<dyn HealthProbe>> {
    let redis = link.redis.as_ref().map(|redis| Arc::clone(&redis.health));
    let always = [Arc::clone(&store.health), Arc::clone(&mail.health)];
    let probes = always.into_iter().chain(redis).chain(store.database.clock_health());
    probes.collect()
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
