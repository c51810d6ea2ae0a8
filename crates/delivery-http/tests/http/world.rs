//! The service over fakes, and a client of it.

use actix_web::http::header::HeaderMap;
use actix_web::http::{Method, StatusCode};
use actix_web::test::{TestRequest, init_service, read_body, try_call_service};
use actix_web::{App, HttpResponse};
use async_trait::async_trait;
use gatewright_application::application::{Application, ApplicationSettings, Ports};
use gatewright_application::jobs::retention::RetentionPolicy;
use gatewright_application::ports::clock::Clock;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::health_probe::HealthProbe;
use gatewright_application::ports::measurements::Unmeasured;
use gatewright_application::ports::outbox_signal::OutboxSignal;
use gatewright_application::ports::uninterrupted::{Uninterrupted, Work};
use gatewright_delivery_http::development::DevelopmentMailbox;
use gatewright_delivery_http::routes;
use gatewright_delivery_http::settings::HttpSettings;
use gatewright_delivery_http::state::{HttpState, Observation};
use gatewright_delivery_http::traffic::Traffic;
use gatewright_domain::Duration;
use gatewright_domain::account::challenge::{ChallengePolicy, PasswordResetMethod};
use gatewright_domain::account::email::EmailAddress;
use gatewright_domain::account::registration::EmailVerification;
use gatewright_domain::password::policy::PasswordPolicy;
use gatewright_domain::session::session::SessionPolicy;
use gatewright_fakes::announcements::AnnouncementHub;
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
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;

pub(crate) const ANN: &str = "ann@example.org";
pub(crate) const PASSWORD: &str = "correct horse battery staple";
pub(crate) const NEW_PASSWORD: &str = "a quite different passphrase";
pub(crate) const ORIGIN: &str = "https://id.example.org";
pub(crate) const LISTED_ORIGIN: &str = "https://app.example.org";

struct NoSignal;

impl OutboxSignal for NoSignal {
    fn mail_enqueued(&self) {}
}

/// Runs work on a task of its own, which nobody drops.
struct Spawned;

#[async_trait]
impl Uninterrupted for Spawned {
    async fn run(&self, work: Work) -> Result<(), PortError> {
        tokio::spawn(work).await.unwrap()
    }
}

/// What a test may want to be otherwise.
pub(crate) struct Setup {
    pub(crate) http: HttpSettings,
    pub(crate) verification: EmailVerification,
    pub(crate) reset_method: PasswordResetMethod,
    pub(crate) probes: Vec<Arc<dyn HealthProbe>>,
    pub(crate) mailbox: Option<Arc<dyn DevelopmentMailbox>>,
    pub(crate) observation: Observation,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            http: HttpSettings {
                cors_origins: vec![LISTED_ORIGIN.parse().unwrap()],
                ..HttpSettings::new(ORIGIN.parse().unwrap())
            },
            verification: EmailVerification::Required,
            reset_method: PasswordResetMethod::Link,
            probes: Vec::new(),
            mailbox: None,
            observation: Observation::default(),
        }
    }
}

/// One service.
pub(crate) struct World {
    pub(crate) state: Arc<HttpState>,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) traffic: Arc<Traffic>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Setup::default())
    }

    pub(crate) fn with(setup: Setup) -> Self {
        let (store, clock) = (Arc::<MemoryStore>::default(), Arc::<ManualClock>::default());
        let secrets = Arc::<ScriptedSecrets>::default();
        let ports = Ports {
            users: store.clone(),
            registrations: store.clone(),
            challenges: store.clone(),
            sessions: store.clone(),
            attempt_counters: store.clone(),
            outbox: store.clone(),
            changes: store.clone(),
            clock: clock.clone(),
            secrets: secrets.clone(),
            digests: Arc::new(PlainDigests::default()),
            password_hasher: Arc::new(PlainPasswordHasher::default()),
            password_blocklist: Arc::new(ListedPasswords::of(&["passwordpassword"])),
            access_tokens: Arc::new(PlainAccessTokens::default()),
            refresh_tokens: Arc::new(PlainRefreshTokens::default()),
            remembered_identities: Arc::new(ListedIdentities::default()),
            announcements: AnnouncementHub::default().join(),
            mail_sealer: Arc::new(PlainSealer::default()),
            mail_renderer: Arc::new(PlainRenderer),
            mail_transport: Arc::new(RecordingTransport::default()),
            outbox_signal: Arc::new(NoSignal),
            uninterrupted: Arc::new(Spawned),
            jobs: store.clone(),
            expired_rows: store.clone(),
            signing_key_rotation: Arc::new(DatedKeys::made_at(clock.now())),
            health_probes: setup.probes,
            measurements: Arc::new(Unmeasured),
        };
        let settings = ApplicationSettings {
            public_base_url: setup.http.public_base_url.as_str().trim_end_matches('/').to_owned(),
            product: "Gatewright".to_owned(),
            email_verification: setup.verification,
            challenges: ChallengePolicy::default(),
            password_reset_method: setup.reset_method,
            passwords: PasswordPolicy::nist(),
            sessions: SessionPolicy::default(),
            mail_quotas: None,
            retention: RetentionPolicy::default(),
            signing_key_max_age: Some(Duration::days(90)),
        };
        let traffic = Arc::clone(&setup.observation.traffic);
        let application = Application::new(&ports, &settings);
        let state = HttpState::new(
            application,
            clock.clone(),
            secrets,
            setup.http,
            setup.mailbox,
            setup.observation,
        );
        Self {
            state: Arc::new(state),
            store,
            clock,
            traffic,
        }
    }

    /// Sends a request and reads the answer whole.
    pub(crate) async fn send(&self, request: TestRequest) -> Answer {
        let app = App::new().configure(routes::configure(Arc::clone(&self.state)));
        let service = init_service(app).await;
        let peer: SocketAddr = "192.0.2.7:4711".parse().unwrap();
        match try_call_service(&service, request.peer_addr(peer).to_request()).await {
            Ok(response) => {
                let (status, headers) = (response.status(), response.headers().clone());
                let body = read_body(response).await;
                Answer::new(status, headers, &body)
            }
            Err(error) => {
                let response: HttpResponse = error.error_response();
                let (status, headers) = (response.status(), response.headers().clone());
                let body = actix_web::body::to_bytes(response.into_body()).await.unwrap();
                Answer::new(status, headers, &body)
            }
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(TestRequest::get().uri(path)).await
    }

    pub(crate) async fn get_as(&self, token: &str, path: &str) -> Answer {
        self.send(bearer(TestRequest::get().uri(path), token)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(TestRequest::post().uri(path).set_json(body)).await
    }

    pub(crate) async fn send_as(&self, token: &str, method: Method, path: &str, body: Value) -> Answer {
        let request = TestRequest::default().method(method).uri(path).set_json(body);
        self.send(bearer(request, token)).await
    }

    /// Registers an address without proving it; the flow's id.
    pub(crate) async fn sign_up(&self, email: &str) -> String {
        let body = json!({"email": email, "password": PASSWORD});
        let answer = self.post("/api/v1/auth/register", body).await.expect(202);
        answer.text_at("/flow_id")
    }

    /// A registered account, signed in: the token answer.
    pub(crate) async fn registered(&self, email: &str) -> Answer {
        let flow = self.sign_up(email).await;
        let body = json!({"flow_id": flow, "code": self.mailed(email, "code")});
        self.post("/api/v1/auth/register/verify", body).await.expect(201)
    }

    pub(crate) async fn login(&self, login: &str, password: &str) -> Answer {
        let body = json!({"login": login, "password": password});
        self.post("/api/v1/auth/login", body).await
    }

    /// A value of the newest mail to `email`.
    pub(crate) fn mailed(&self, email: &str, value: &str) -> String {
        let address = EmailAddress::parse(email).unwrap();
        self.store.newest_mail_to(&address).unwrap().values[value].clone()
    }

    /// The token of the link in the newest mail to `email`.
    pub(crate) fn mailed_token(&self, email: &str) -> String {
        self.mailed(email, "link").split_once("token=").unwrap().1.to_owned()
    }
}

pub(crate) fn bearer(request: TestRequest, token: &str) -> TestRequest {
    request.insert_header(("authorization", format!("Bearer {token}")))
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    fn new(status: StatusCode, headers: HeaderMap, body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body).into_owned();
        Self { status, headers, text }
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    /// That it is a problem of that code, whole and by the book.
    #[track_caller]
    pub(crate) fn expect_problem(self, status: u16, code: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.text_at("/code"), code, "{}", answer.text);
        assert_eq!(answer.text_at("/type"), format!("urn:gatewright:problem:{code}"));
        assert_eq!(answer.json()["status"], status);
        assert_eq!(answer.text_at("/request_id"), answer.header("x-request-id"));
        assert!(!answer.text_at("/title").is_empty() && !answer.text_at("/detail").is_empty());
        answer
    }

    /// That field `pointer` is refused for `code`.
    #[track_caller]
    pub(crate) fn expect_fault(self, pointer: &str, code: &str) -> Self {
        let errors = self.json()["errors"].as_array().cloned().unwrap_or_default();
        let found = errors
            .iter()
            .any(|error| error["pointer"] == pointer && error["code"] == code);
        assert!(found, "{pointer} {code}: {}", self.text);
        self
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    #[track_caller]
    pub(crate) fn text_at(&self, pointer: &str) -> String {
        let json = self.json();
        let value = json.pointer(pointer).and_then(Value::as_str);
        value
            .unwrap_or_else(|| panic!("no text at {pointer}: {}", self.text))
            .to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> String {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    }

    /// The `Set-Cookie` line of that cookie.
    pub(crate) fn set_cookie(&self, name: &str) -> Option<String> {
        let lines = self
            .headers
            .get_all("set-cookie")
            .filter_map(|value| value.to_str().ok());
        let mut own = lines.filter(|line| line.starts_with(&format!("{name}=")));
        own.next().map(str::to_owned)
    }
}
