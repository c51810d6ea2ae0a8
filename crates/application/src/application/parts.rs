//! What several use cases share, and how each of them is put together.

use crate::account::confirm_password::ConfirmPassword;
use crate::account::delete_account::DeleteAccount;
use crate::account::request_email_change::RequestEmailChange;
use crate::account::update_profile::UpdateProfile;
use crate::account::verify_email_change::VerifyEmailChange;
use crate::administration::create_administrator::CreateAdministrator;
use crate::application::{ApplicationSettings, Ports};
use crate::challenge::inspect_link::InspectLink;
use crate::challenge::issue::ChallengeIssuer;
use crate::challenge::redeem::ChallengeRedeemer;
use crate::jobs::list_jobs::ListJobs;
use crate::jobs::remove_expired::RemoveExpired;
use crate::jobs::rotate_signing_keys::RotateSigningKeys;
use crate::jobs::run_job::RunJob;
use crate::mail::compose::MailComposer;
use crate::mail::dispatch_mail::DispatchMail;
use crate::mail::mail_allowance::MailAllowance;
use crate::mail::signalling_changes::SignallingChanges;
use crate::password::change_password::ChangePassword;
use crate::password::new_password::NewPasswords;
use crate::password::request_password_reset::RequestPasswordReset;
use crate::password::reset_password::ResetPassword;
use crate::ports::change::Changes;
use crate::ports::clock::Clock;
use crate::ports::remembered_identities::RememberedIdentities;
use crate::registration::register_account::RegisterAccount;
use crate::registration::resend_registration::ResendRegistration;
use crate::registration::verify_registration::VerifyRegistration;
use crate::session::authenticate_access_token::AuthenticateAccessToken;
use crate::session::end_other_sessions::EndOtherSessions;
use crate::session::end_session::EndSession;
use crate::session::forgetting_changes::ForgettingChanges;
use crate::session::list_sessions::ListSessions;
use crate::session::open_session::SessionOpener;
use crate::session::rotate_refresh_token::RotateRefreshToken;
use crate::session::sign_in::SignIn;
use crate::session::sign_out::SignOut;
use crate::session::sign_out_everywhere::SignOutEverywhere;
use crate::session::trusted_identities::{ForgettingListener, TrustedIdentities};
use gatewright_domain::account::registration::EmailVerification;
use std::sync::Arc;

/// What several use cases share.
pub(super) struct Parts {
    ports: Ports,
    verification: EmailVerification,
    changes: Arc<dyn Changes>,
    identities: Arc<dyn RememberedIdentities>,
    opener: SessionOpener,
    issuer: ChallengeIssuer,
    redeemer: ChallengeRedeemer,
    passwords: NewPasswords,
    confirm: ConfirmPassword,
    mails: MailComposer,
    allowance: MailAllowance,
}

impl Parts {
    pub(super) fn new(ports: &Ports, settings: &ApplicationSettings) -> Self {
        let (inner, signal) = (Arc::clone(&ports.changes), Arc::clone(&ports.outbox_signal));
        let inner = Arc::new(SignallingChanges { inner, signal });
        let changes: Arc<dyn Changes> = Arc::new(ForgettingChanges {
            inner,
            identities: Arc::clone(&ports.remembered_identities),
            announcements: Arc::clone(&ports.announcements),
            uninterrupted: Arc::clone(&ports.uninterrupted),
        });
        ports.announcements.listen(Arc::new(ForgettingListener {
            identities: Arc::clone(&ports.remembered_identities),
        }));
        Self {
            identities: Arc::new(TrustedIdentities {
                inner: Arc::clone(&ports.remembered_identities),
                announcements: Arc::clone(&ports.announcements),
            }),
            opener: SessionOpener {
                secrets: Arc::clone(&ports.secrets),
                access_tokens: Arc::clone(&ports.access_tokens),
                refresh_tokens: Arc::clone(&ports.refresh_tokens),
                policy: settings.sessions,
            },
            issuer: ChallengeIssuer {
                secrets: Arc::clone(&ports.secrets),
                digests: Arc::clone(&ports.digests),
                policy: settings.challenges,
                reset_method: settings.password_reset_method,
            },
            redeemer: ChallengeRedeemer {
                challenges: Arc::clone(&ports.challenges),
                digests: Arc::clone(&ports.digests),
                policy: settings.challenges,
            },
            passwords: NewPasswords {
                policy: settings.passwords.clone(),
                blocklist: Arc::clone(&ports.password_blocklist),
                hasher: Arc::clone(&ports.password_hasher),
            },
            confirm: ConfirmPassword {
                users: Arc::clone(&ports.users),
                hasher: Arc::clone(&ports.password_hasher),
                changes: Arc::clone(&changes),
                secrets: Arc::clone(&ports.secrets),
                clock: Arc::clone(&ports.clock),
            },
            mails: MailComposer {
                secrets: Arc::clone(&ports.secrets),
                sealer: Arc::clone(&ports.mail_sealer),
                public_base_url: settings.public_base_url.clone(),
                product: settings.product.clone(),
            },
            allowance: MailAllowance {
                counters: Arc::clone(&ports.attempt_counters),
                digests: Arc::clone(&ports.digests),
                quotas: settings.mail_quotas.clone(),
            },
            changes,
            ports: ports.clone(),
            verification: settings.email_verification,
        }
    }
}

impl Parts {
    fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.ports.clock)
    }

    fn changes(&self) -> Arc<dyn Changes> {
        Arc::clone(&self.changes)
    }

    pub(super) fn register_account(&self) -> RegisterAccount {
        RegisterAccount {
            users: Arc::clone(&self.ports.users),
            passwords: self.passwords.clone(),
            challenges: self.issuer.clone(),
            allowance: self.allowance.clone(),
            mails: self.mails.clone(),
            sessions: self.opener.clone(),
            changes: self.changes(),
            clock: self.clock(),
            verification: self.verification,
        }
    }

    pub(super) fn verify_registration(&self) -> VerifyRegistration {
        VerifyRegistration {
            redeemer: self.redeemer.clone(),
            registrations: Arc::clone(&self.ports.registrations),
            sessions: self.opener.clone(),
            changes: self.changes(),
            clock: self.clock(),
        }
    }

    pub(super) fn resend_registration(&self) -> ResendRegistration {
        ResendRegistration {
            registrations: Arc::clone(&self.ports.registrations),
            challenges: self.issuer.clone(),
            allowance: self.allowance.clone(),
            mails: self.mails.clone(),
            changes: self.changes(),
            clock: self.clock(),
        }
    }

    pub(super) fn sign_in(&self) -> SignIn {
        SignIn {
            users: Arc::clone(&self.ports.users),
            hasher: Arc::clone(&self.ports.password_hasher),
            sessions: self.opener.clone(),
            changes: self.changes(),
            clock: self.clock(),
            verification: self.verification,
            measurements: Arc::clone(&self.ports.measurements),
        }
    }

    pub(super) fn rotate_refresh_token(&self) -> RotateRefreshToken {
        RotateRefreshToken {
            sessions: Arc::clone(&self.ports.sessions),
            opener: self.opener.clone(),
            changes: self.changes(),
            mails: self.mails.clone(),
            clock: self.clock(),
        }
    }

    pub(super) fn authenticate_access_token(&self) -> AuthenticateAccessToken {
        AuthenticateAccessToken {
            identities: Arc::clone(&self.identities),
            access_tokens: Arc::clone(&self.ports.access_tokens),
            sessions: Arc::clone(&self.ports.sessions),
            clock: self.clock(),
        }
    }

    pub(super) fn sign_out(&self) -> SignOut {
        SignOut {
            refresh_tokens: Arc::clone(&self.ports.refresh_tokens),
            access_tokens: Arc::clone(&self.ports.access_tokens),
            sessions: Arc::clone(&self.ports.sessions),
            changes: self.changes(),
            secrets: Arc::clone(&self.ports.secrets),
            clock: self.clock(),
        }
    }

    pub(super) fn sign_out_everywhere(&self) -> SignOutEverywhere {
        SignOutEverywhere {
            changes: self.changes(),
            secrets: Arc::clone(&self.ports.secrets),
            clock: self.clock(),
        }
    }

    pub(super) fn list_sessions(&self) -> ListSessions {
        ListSessions {
            sessions: Arc::clone(&self.ports.sessions),
            clock: self.clock(),
        }
    }

    pub(super) fn end_session(&self) -> EndSession {
        EndSession {
            sessions: Arc::clone(&self.ports.sessions),
            changes: self.changes(),
            secrets: Arc::clone(&self.ports.secrets),
            clock: self.clock(),
        }
    }

    pub(super) fn end_other_sessions(&self) -> EndOtherSessions {
        EndOtherSessions {
            changes: self.changes(),
            secrets: Arc::clone(&self.ports.secrets),
            clock: self.clock(),
        }
    }

    pub(super) fn request_password_reset(&self) -> RequestPasswordReset {
        RequestPasswordReset {
            users: Arc::clone(&self.ports.users),
            challenges: self.issuer.clone(),
            allowance: self.allowance.clone(),
            mails: self.mails.clone(),
            changes: self.changes(),
            clock: self.clock(),
        }
    }

    pub(super) fn reset_password(&self) -> ResetPassword {
        ResetPassword {
            redeemer: self.redeemer.clone(),
            users: Arc::clone(&self.ports.users),
            passwords: self.passwords.clone(),
            mails: self.mails.clone(),
            changes: self.changes(),
            clock: self.clock(),
        }
    }

    pub(super) fn change_password(&self) -> ChangePassword {
        ChangePassword {
            confirm: self.confirm.clone(),
            passwords: self.passwords.clone(),
            mails: self.mails.clone(),
            changes: self.changes(),
            clock: self.clock(),
        }
    }

    pub(super) fn update_profile(&self) -> UpdateProfile {
        UpdateProfile {
            users: Arc::clone(&self.ports.users),
            changes: self.changes(),
            secrets: Arc::clone(&self.ports.secrets),
            clock: self.clock(),
        }
    }

    pub(super) fn request_email_change(&self) -> RequestEmailChange {
        RequestEmailChange {
            confirm: self.confirm.clone(),
            users: Arc::clone(&self.ports.users),
            challenges: self.issuer.clone(),
            allowance: self.allowance.clone(),
            mails: self.mails.clone(),
            changes: self.changes(),
            clock: self.clock(),
        }
    }

    pub(super) fn verify_email_change(&self) -> VerifyEmailChange {
        VerifyEmailChange {
            redeemer: self.redeemer.clone(),
            users: Arc::clone(&self.ports.users),
            mails: self.mails.clone(),
            changes: self.changes(),
            clock: self.clock(),
        }
    }

    pub(super) fn delete_account(&self) -> DeleteAccount {
        DeleteAccount {
            confirm: self.confirm.clone(),
            changes: self.changes(),
            secrets: Arc::clone(&self.ports.secrets),
            clock: self.clock(),
        }
    }

    pub(super) fn inspect_link(&self) -> InspectLink {
        InspectLink {
            redeemer: self.redeemer.clone(),
            registrations: Arc::clone(&self.ports.registrations),
            users: Arc::clone(&self.ports.users),
            clock: self.clock(),
        }
    }

    pub(super) fn create_administrator(&self) -> CreateAdministrator {
        CreateAdministrator {
            passwords: self.passwords.clone(),
            changes: self.changes(),
            secrets: Arc::clone(&self.ports.secrets),
            clock: self.clock(),
        }
    }

    pub(super) fn dispatch_mail(&self) -> DispatchMail {
        DispatchMail {
            outbox: Arc::clone(&self.ports.outbox),
            sealer: Arc::clone(&self.ports.mail_sealer),
            renderer: Arc::clone(&self.ports.mail_renderer),
            transport: Arc::clone(&self.ports.mail_transport),
            clock: self.clock(),
            secrets: Arc::clone(&self.ports.secrets),
            measurements: Arc::clone(&self.ports.measurements),
        }
    }

    pub(super) fn run_job(&self, settings: &ApplicationSettings) -> RunJob {
        RunJob {
            jobs: Arc::clone(&self.ports.jobs),
            remove_expired: RemoveExpired {
                expired_rows: Arc::clone(&self.ports.expired_rows),
                retention: settings.retention,
                challenges: settings.challenges,
            },
            rotate_signing_keys: RotateSigningKeys {
                keys: Arc::clone(&self.ports.signing_key_rotation),
                max_age: settings.signing_key_max_age,
            },
            clock: self.clock(),
            measurements: Arc::clone(&self.ports.measurements),
        }
    }

    pub(super) fn list_jobs(&self) -> ListJobs {
        ListJobs {
            jobs: Arc::clone(&self.ports.jobs),
            clock: self.clock(),
        }
    }
}
