//! Every use case, put together from ports and settings.

mod parts;

use crate::account::delete_account::DeleteAccount;
use crate::account::request_email_change::RequestEmailChange;
use crate::account::update_profile::UpdateProfile;
use crate::account::verify_email_change::VerifyEmailChange;
use crate::administration::create_administrator::CreateAdministrator;
use crate::application::parts::Parts;
use crate::challenge::inspect_link::InspectLink;
use crate::jobs::list_jobs::ListJobs;
use crate::jobs::retention::RetentionPolicy;
use crate::jobs::run_job::RunJob;
use crate::mail::dispatch_mail::DispatchMail;
use crate::mail::send_test_mail::SendTestMail;
use crate::operations::check_health::CheckHealth;
use crate::password::change_password::ChangePassword;
use crate::password::request_password_reset::RequestPasswordReset;
use crate::password::reset_password::ResetPassword;
use crate::ports::access_tokens::AccessTokens;
use crate::ports::announcements::Announcements;
use crate::ports::attempt_counters::AttemptCounters;
use crate::ports::challenges::Challenges;
use crate::ports::change::Changes;
use crate::ports::clock::Clock;
use crate::ports::digests::Digests;
use crate::ports::expired_rows::ExpiredRows;
use crate::ports::health_probe::HealthProbe;
use crate::ports::jobs::Jobs;
use crate::ports::mail_renderer::MailRenderer;
use crate::ports::mail_sealer::MailSealer;
use crate::ports::mail_transport::MailTransport;
use crate::ports::measurements::Measurements;
use crate::ports::outbox::Outbox;
use crate::ports::outbox_signal::OutboxSignal;
use crate::ports::password_blocklist::PasswordBlocklist;
use crate::ports::password_hasher::PasswordHasher;
use crate::ports::refresh_tokens::RefreshTokens;
use crate::ports::registrations::Registrations;
use crate::ports::remembered_identities::RememberedIdentities;
use crate::ports::secrets::Secrets;
use crate::ports::sessions::Sessions;
use crate::ports::signing_key_rotation::SigningKeyRotation;
use crate::ports::uninterrupted::Uninterrupted;
use crate::ports::users::Users;
use crate::registration::register_account::RegisterAccount;
use crate::registration::resend_registration::ResendRegistration;
use crate::registration::verify_registration::VerifyRegistration;
use crate::session::authenticate_access_token::AuthenticateAccessToken;
use crate::session::end_other_sessions::EndOtherSessions;
use crate::session::end_session::EndSession;
use crate::session::list_sessions::ListSessions;
use crate::session::rotate_refresh_token::RotateRefreshToken;
use crate::session::sign_in::SignIn;
use crate::session::sign_out::SignOut;
use crate::session::sign_out_everywhere::SignOutEverywhere;
use gatewright_domain::Duration;
use gatewright_domain::abuse::quota::MailQuotas;
use gatewright_domain::account::challenge::{ChallengePolicy, PasswordResetMethod};
use gatewright_domain::account::registration::EmailVerification;
use gatewright_domain::password::policy::PasswordPolicy;
use gatewright_domain::session::session::SessionPolicy;
use std::sync::Arc;

/// The adapters, one for each port.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port of its type")]
pub struct Ports {
    pub users: Arc<dyn Users>,
    pub registrations: Arc<dyn Registrations>,
    pub challenges: Arc<dyn Challenges>,
    pub sessions: Arc<dyn Sessions>,
    pub attempt_counters: Arc<dyn AttemptCounters>,
    pub outbox: Arc<dyn Outbox>,
    pub changes: Arc<dyn Changes>,
    pub clock: Arc<dyn Clock>,
    pub secrets: Arc<dyn Secrets>,
    pub digests: Arc<dyn Digests>,
    pub password_hasher: Arc<dyn PasswordHasher>,
    pub password_blocklist: Arc<dyn PasswordBlocklist>,
    pub access_tokens: Arc<dyn AccessTokens>,
    pub refresh_tokens: Arc<dyn RefreshTokens>,
    pub remembered_identities: Arc<dyn RememberedIdentities>,
    pub announcements: Arc<dyn Announcements>,
    pub mail_sealer: Arc<dyn MailSealer>,
    pub mail_renderer: Arc<dyn MailRenderer>,
    pub mail_transport: Arc<dyn MailTransport>,
    pub outbox_signal: Arc<dyn OutboxSignal>,
    pub uninterrupted: Arc<dyn Uninterrupted>,
    pub jobs: Arc<dyn Jobs>,
    pub expired_rows: Arc<dyn ExpiredRows>,
    pub signing_key_rotation: Arc<dyn SigningKeyRotation>,
    pub health_probes: Vec<Arc<dyn HealthProbe>>,
    pub measurements: Arc<dyn Measurements>,
}

/// The rules' figures.
#[derive(Debug, Clone)]
pub struct ApplicationSettings {
    /// Where links point, without a trailing slash.
    pub public_base_url: String,
    /// The service's name, in mails.
    pub product: String,
    /// Whether new addresses have to be proven.
    pub email_verification: EmailVerification,
    /// How long codes and links live.
    pub challenges: ChallengePolicy,
    /// How a lost password is recovered.
    pub password_reset_method: PasswordResetMethod,
    /// What a new password must be.
    pub passwords: PasswordPolicy,
    /// How long sessions live.
    pub sessions: SessionPolicy,
    /// How many mails strangers may cause; `None` for load tests.
    pub mail_quotas: Option<MailQuotas>,
    /// How long things are kept once they are over.
    pub retention: RetentionPolicy,
    /// How old a signing key grows before the next is made; `None`: rotation is left to people.
    pub signing_key_max_age: Option<Duration>,
}

/// Every use case: what delivery and scheduler receive.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the use case of its type")]
pub struct Application {
    pub register_account: RegisterAccount,
    pub verify_registration: VerifyRegistration,
    pub resend_registration: ResendRegistration,
    pub sign_in: SignIn,
    pub rotate_refresh_token: RotateRefreshToken,
    pub authenticate_access_token: AuthenticateAccessToken,
    pub sign_out: SignOut,
    pub sign_out_everywhere: SignOutEverywhere,
    pub list_sessions: ListSessions,
    pub end_session: EndSession,
    pub end_other_sessions: EndOtherSessions,
    pub request_password_reset: RequestPasswordReset,
    pub reset_password: ResetPassword,
    pub change_password: ChangePassword,
    pub update_profile: UpdateProfile,
    pub request_email_change: RequestEmailChange,
    pub verify_email_change: VerifyEmailChange,
    pub delete_account: DeleteAccount,
    pub inspect_link: InspectLink,
    pub create_administrator: CreateAdministrator,
    pub dispatch_mail: DispatchMail,
    pub run_job: RunJob,
    pub list_jobs: ListJobs,
    pub send_test_mail: SendTestMail,
    pub check_health: CheckHealth,
    /// The keys that verify access tokens, to publish.
    pub access_tokens: Arc<dyn AccessTokens>,
}

impl Application {
    /// Puts every use case together. What they write goes through the decorators that forget remembered
    /// identities, here and in other processes, and wake the mail dispatcher.
    #[must_use]
    pub fn new(ports: &Ports, settings: &ApplicationSettings) -> Self {
        let shared = Parts::new(ports, settings);
        Self {
            register_account: shared.register_account(),
            verify_registration: shared.verify_registration(),
            resend_registration: shared.resend_registration(),
            sign_in: shared.sign_in(),
            rotate_refresh_token: shared.rotate_refresh_token(),
            authenticate_access_token: shared.authenticate_access_token(),
            sign_out: shared.sign_out(),
            sign_out_everywhere: shared.sign_out_everywhere(),
            list_sessions: shared.list_sessions(),
            end_session: shared.end_session(),
            end_other_sessions: shared.end_other_sessions(),
            request_password_reset: shared.request_password_reset(),
            reset_password: shared.reset_password(),
            change_password: shared.change_password(),
            update_profile: shared.update_profile(),
            request_email_change: shared.request_email_change(),
            verify_email_change: shared.verify_email_change(),
            delete_account: shared.delete_account(),
            inspect_link: shared.inspect_link(),
            create_administrator: shared.create_administrator(),
            dispatch_mail: shared.dispatch_mail(),
            run_job: shared.run_job(settings),
            list_jobs: shared.list_jobs(),
            send_test_mail: SendTestMail {
                transport: Arc::clone(&ports.mail_transport),
                secrets: Arc::clone(&ports.secrets),
                clock: Arc::clone(&ports.clock),
                product: settings.product.clone(),
            },
            check_health: CheckHealth {
                probes: ports.health_probes.clone(),
            },
            access_tokens: Arc::clone(&ports.access_tokens),
        }
    }
}
