//! The application over fakes, a clock that stands still, and shortcuts to states that tests begin in.

use async_trait::async_trait;
use gatewright_application::application::{Application, ApplicationSettings, Ports};
use gatewright_application::challenge::redeem::Proof;
use gatewright_application::jobs::retention::RetentionPolicy;
use gatewright_application::mail::content::MailContent;
use gatewright_application::ports::clock::Clock;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::measurements::Unmeasured;
use gatewright_application::ports::outbox_signal::OutboxSignal;
use gatewright_application::ports::uninterrupted::{Uninterrupted, Work};
use gatewright_application::registration::flow_started::FlowStarted;
use gatewright_application::registration::register_account::{RegisterAccountCommand, RegisterAccountOutcome};
use gatewright_application::registration::verify_registration::VerifyRegistrationCommand;
use gatewright_application::request::RequestContext;
use gatewright_application::session::identity::Identity;
use gatewright_application::session::open_session::TokenGrant;
use gatewright_application::session::rotate_refresh_token::{RotateRefreshTokenCommand, RotateRefreshTokenError};
use gatewright_application::session::sign_in::{SignInCommand, SignInError};
use gatewright_domain::Duration;
use gatewright_domain::abuse::quota::MailQuotas;
use gatewright_domain::account::challenge::{ChallengePolicy, PasswordResetMethod};
use gatewright_domain::account::email::EmailAddress;
use gatewright_domain::account::registration::EmailVerification;
use gatewright_domain::password::policy::PasswordPolicy;
use gatewright_domain::session::session::SessionPolicy;
use gatewright_fakes::announcements::{AnnouncementHub, HubProcess};
use gatewright_fakes::dated_keys::DatedKeys;
use gatewright_fakes::listed_passwords::ListedPasswords;
use gatewright_fakes::manual_clock::ManualClock;
use gatewright_fakes::memory_store::MemoryStore;
use gatewright_fakes::plain_access_tokens::PlainAccessTokens;
use gatewright_fakes::plain_digests::PlainDigests;
use gatewright_fakes::plain_password_hasher::PlainPasswordHasher;
use gatewright_fakes::plain_refresh_tokens::PlainRefreshTokens;
use gatewright_fakes::plain_renderer::PlainRenderer;
use gatewright_fakes::plain_sealer::PlainSealer;
use gatewright_fakes::recording_transport::RecordingTransport;
use gatewright_fakes::remembered_identities::ListedIdentities;
use gatewright_fakes::scripted_secrets::ScriptedSecrets;
use secrecy::SecretString;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

pub(crate) const ANN: &str = "ann@example.org";
pub(crate) const PASSWORD: &str = "correct horse battery staple";
pub(crate) const NEW_PASSWORD: &str = "a quite different passphrase";

/// Counts how often the dispatcher was woken.
#[derive(Default)]
pub(crate) struct CountingSignal(AtomicU32);

impl CountingSignal {
    pub(crate) fn count(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }
}

impl OutboxSignal for CountingSignal {
    fn mail_enqueued(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Runs work on a task of its own, which nobody drops.
pub(crate) struct Spawned;

#[async_trait]
impl Uninterrupted for Spawned {
    async fn run(&self, work: Work) -> Result<(), PortError> {
        tokio::spawn(work).await.unwrap()
    }
}

pub(crate) struct World {
    pub(crate) application: Application,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) hasher: Arc<PlainPasswordHasher>,
    pub(crate) transport: Arc<RecordingTransport>,
    pub(crate) signal: Arc<CountingSignal>,
    pub(crate) hub: AnnouncementHub,
    pub(crate) announcements: Arc<HubProcess>,
    pub(crate) identities: Arc<ListedIdentities>,
    settings: ApplicationSettings,
}

pub(crate) fn settings() -> ApplicationSettings {
    ApplicationSettings {
        public_base_url: "https://id.example.org".to_owned(),
        product: "Gatewright".to_owned(),
        email_verification: EmailVerification::Required,
        challenges: ChallengePolicy::default(),
        password_reset_method: PasswordResetMethod::Link,
        passwords: PasswordPolicy::nist(),
        sessions: SessionPolicy::default(),
        mail_quotas: Some(MailQuotas::default()),
        retention: RetentionPolicy::default(),
        signing_key_max_age: Some(Duration::days(90)),
    }
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(settings())
    }

    pub(crate) fn with(settings: ApplicationSettings) -> Self {
        Self::over(Arc::default(), Arc::default(), Arc::default(), settings)
    }

    /// The same data, as after a restart with another hasher.
    pub(crate) fn with_hasher(self, hasher: PlainPasswordHasher) -> Self {
        Self::over(self.store, self.clock, Arc::new(hasher), self.settings)
    }

    fn over(
        store: Arc<MemoryStore>,
        clock: Arc<ManualClock>,
        hasher: Arc<PlainPasswordHasher>,
        settings: ApplicationSettings,
    ) -> Self {
        let (transport, signal) = (Arc::<RecordingTransport>::default(), Arc::<CountingSignal>::default());
        let (hub, identities) = (AnnouncementHub::default(), Arc::<ListedIdentities>::default());
        let announcements = hub.join();
        let ports = Ports {
            users: store.clone(),
            registrations: store.clone(),
            challenges: store.clone(),
            sessions: store.clone(),
            attempt_counters: store.clone(),
            outbox: store.clone(),
            changes: store.clone(),
            clock: clock.clone(),
            secrets: Arc::new(ScriptedSecrets::default()),
            digests: Arc::new(PlainDigests::default()),
            password_hasher: hasher.clone(),
            password_blocklist: Arc::new(ListedPasswords::of(&["passwordpassword"])),
            access_tokens: Arc::new(PlainAccessTokens::default()),
            refresh_tokens: Arc::new(PlainRefreshTokens::default()),
            remembered_identities: identities.clone(),
            announcements: announcements.clone(),
            mail_sealer: Arc::new(PlainSealer::default()),
            mail_renderer: Arc::new(PlainRenderer),
            mail_transport: transport.clone(),
            outbox_signal: signal.clone(),
            uninterrupted: Arc::new(Spawned),
            jobs: store.clone(),
            expired_rows: store.clone(),
            signing_key_rotation: Arc::new(DatedKeys::made_at(clock.now())),
            health_probes: Vec::new(),
            measurements: Arc::new(Unmeasured),
        };
        let application = Application::new(&ports, &settings);
        Self {
            application,
            store,
            clock,
            hasher,
            transport,
            signal,
            hub,
            announcements,
            identities,
            settings,
        }
    }

    pub(crate) fn advance(&self, span: Duration) {
        self.clock.advance(span);
    }

    pub(crate) fn mail_to(&self, address: &str) -> MailContent {
        let address = EmailAddress::parse(address).unwrap();
        self.store.newest_mail_to(&address).unwrap()
    }

    pub(crate) async fn register(&self, email: &str, password: &str) -> FlowStarted {
        let command = RegisterAccountCommand {
            email: email.to_owned(),
            password: secret(password),
            username: None,
            display_name: None,
            context: RequestContext::default(),
        };
        match self.application.register_account.execute(command).await.unwrap() {
            RegisterAccountOutcome::VerificationRequired(started) => started,
            RegisterAccountOutcome::SignedIn(_) => panic!("signed in without a proof"),
        }
    }

    /// A registered user, signed in.
    pub(crate) async fn signed_in(&self, email: &str) -> TokenGrant {
        let started = self.register(email, PASSWORD).await;
        let proof = by_code(&started, &self.mail_to(email));
        let command = VerifyRegistrationCommand {
            proof,
            sign_in: true,
            context: RequestContext::default(),
        };
        self.application
            .verify_registration
            .execute(command)
            .await
            .unwrap()
            .grant
            .unwrap()
    }

    pub(crate) async fn sign_in(&self, login: &str, password: &str) -> Result<TokenGrant, SignInError> {
        let (login, password) = (login.to_owned(), secret(password));
        let command = SignInCommand {
            login,
            password,
            context: RequestContext::default(),
        };
        self.application.sign_in.execute(command).await
    }

    pub(crate) async fn refresh(&self, token: &SecretString) -> Result<TokenGrant, RotateRefreshTokenError> {
        let (refresh_token, context) = (token.clone(), RequestContext::default());
        let command = RotateRefreshTokenCommand { refresh_token, context };
        self.application.rotate_refresh_token.execute(command).await
    }

    pub(crate) async fn identity(&self, grant: &TokenGrant) -> Arc<Identity> {
        use secrecy::ExposeSecret as _;
        let token = grant.access_token.expose_secret();
        self.application.authenticate_access_token.execute(token).await.unwrap()
    }
}

pub(crate) fn secret(text: &str) -> SecretString {
    text.to_owned().into()
}

pub(crate) fn by_code(started: &FlowStarted, mail: &MailContent) -> Proof {
    Proof::Code {
        flow: started.flow,
        code: secret(&mail.values["code"]),
    }
}

pub(crate) fn by_link(mail: &MailContent) -> Proof {
    let token = mail.values["link"].split_once("token=").unwrap().1;
    Proof::Link { token: secret(token) }
}
