//! Passwords hashed with argon2id.

use crate::password_hashing::argon2_profile::Argon2Profile;
use crate::password_hashing::hash_memory::HashMemory;
use crate::password_hashing::hash_pool::HashPool;
use crate::password_hashing::hash_queue::HashPoolLoad;
use crate::password_hashing::hash_recipe::HashRecipe;
use crate::password_hashing::peppers::Peppers;
use async_trait::async_trait;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::gauges::{Gauge, GaugeSource};
use gatewright_application::ports::measurements::{Measurements, Unmeasured};
use gatewright_application::ports::password_hasher::{PasswordHasher, PasswordMatch};
use gatewright_domain::password::hash::PasswordHash;
use gatewright_domain::password::password::Password;
use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

/// How passwords are hashed.
#[derive(Debug, Clone)]
pub struct HashSettings {
    /// How costly a hash is.
    pub profile: Argon2Profile,
    /// How many hashes at once; each takes the profile's memory.
    pub threads: NonZeroUsize,
    /// How many may wait for a thread.
    pub queue: usize,
    /// How long one may wait for a thread.
    pub wait: Duration,
    /// Keys on top, if any.
    pub peppers: Peppers,
}

impl Default for HashSettings {
    /// As many threads as cores, 64 waiting, 2 seconds at most, no pepper.
    fn default() -> Self {
        Self {
            profile: Argon2Profile::default(),
            threads: available_parallelism().unwrap_or(NonZeroUsize::MIN),
            queue: 64,
            wait: Duration::from_secs(2),
            peppers: Peppers::default(),
        }
    }
}

/// The [`PasswordHasher`] port with argon2id (RFC 9106) on threads of its own. Callers need a tokio runtime with
/// its timer.
pub struct Argon2PasswordHasher {
    pool: Arc<HashPool>,
    recipe: Arc<HashRecipe>,
    measurements: Arc<dyn Measurements>,
}

/// How much the threads of one hasher have to do.
struct HashPoolGauges(Arc<HashPool>);

impl Argon2PasswordHasher {
    /// Starts the threads. They end when the hasher is dropped, which waits for the hashes at hand.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(settings: HashSettings) -> io::Result<Self> {
        let recipe = HashRecipe::new(settings.profile, settings.peppers);
        let pool = HashPool::start(settings.threads, settings.queue, settings.wait)?;
        Ok(Self {
            pool: Arc::new(pool),
            recipe: Arc::new(recipe),
            measurements: Arc::new(Unmeasured),
        })
    }

    /// The same, telling `measurements` of every password.
    #[must_use]
    pub fn measured_by(self, measurements: Arc<dyn Measurements>) -> Self {
        Self { measurements, ..self }
    }

    /// How much there is to do, for whoever looks.
    #[must_use]
    pub fn gauges(&self) -> Arc<dyn GaugeSource> {
        Arc::new(HashPoolGauges(Arc::clone(&self.pool)))
    }

    /// How much there is to do.
    #[must_use]
    pub fn load(&self) -> HashPoolLoad {
        self.pool.load()
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut HashMemory) -> T + Send + 'static,
    ) -> Result<T, PortError> {
        let (measurements, joined) = (Arc::clone(&self.measurements), now());
        let timed = move |memory: &mut HashMemory| {
            let begun = now();
            let outcome = work(memory);
            measurements.password_hashed(begun - joined, now() - begun);
            outcome
        };
        self.pool.run(timed).await
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "for spans of time, which no clock is set back in"
)]
fn now() -> Instant {
    Instant::now()
}

impl GaugeSource for HashPoolGauges {
    fn read(&self, found: &mut dyn FnMut(Gauge, f64)) {
        let HashPoolLoad { queued, busy } = self.0.load();
        let number = |count| u32::try_from(count).unwrap_or(u32::MAX).into();
        found(Gauge::PasswordHashQueueDepth, number(queued));
        found(Gauge::PasswordHashThreadsBusy, number(busy));
    }
}

#[async_trait]
impl PasswordHasher for Argon2PasswordHasher {
    async fn hash(&self, password: Password) -> Result<PasswordHash, PortError> {
        let recipe = Arc::clone(&self.recipe);
        self.run(move |memory| recipe.hash(&password, memory)).await?
    }

    async fn verify(&self, password: Password, hash: Option<PasswordHash>) -> Result<PasswordMatch, PortError> {
        let stored = self.recipe.stored_or_decoy(hash.as_ref());
        let recipe = Arc::clone(&self.recipe);
        self.run(move |memory| recipe.compare(&password, &stored, memory))
            .await?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::secret_key::SecretKey;
    use gatewright_application::jobs::job::Job;
    use gatewright_application::ports::measurements::{AnsweredRequest, MailResult, SignInOutcome};
    use std::slice;
    use std::sync::atomic::{AtomicU32, Ordering};

    fn settings() -> HashSettings {
        HashSettings {
            profile: Argon2Profile::insecure_for_tests(),
            threads: NonZeroUsize::MIN,
            ..HashSettings::default()
        }
    }

    fn hasher() -> Argon2PasswordHasher {
        Argon2PasswordHasher::start(settings()).unwrap()
    }

    fn peppered(keys: &[SecretKey]) -> Argon2PasswordHasher {
        Argon2PasswordHasher::start(HashSettings {
            peppers: Peppers::new(keys),
            ..settings()
        })
        .unwrap()
    }

    fn password(text: &str) -> Password {
        Password::parse(&text.into()).unwrap()
    }

    fn secret_key() -> SecretKey {
        SecretKey::parse(&SecretKey::generate()).unwrap()
    }

    async fn verify(hasher: &Argon2PasswordHasher, text: &str, hash: &PasswordHash) -> PasswordMatch {
        hasher.verify(password(text), Some(hash.clone())).await.unwrap()
    }

    #[tokio::test]
    async fn a_password_matches_its_own_hash_alone() {
        let hasher = hasher();
        let hash = hasher.hash(password("a long enough password")).await.unwrap();
        assert_eq!(
            verify(&hasher, "a long enough password", &hash).await,
            PasswordMatch::Yes
        );
        assert_eq!(
            verify(&hasher, "A long enough password", &hash).await,
            PasswordMatch::No
        );
    }

    #[tokio::test]
    async fn r11_equal_passwords_have_different_hashes() {
        let hasher = hasher();
        let one = hasher.hash(password("a long enough password")).await.unwrap();
        let two = hasher.hash(password("a long enough password")).await.unwrap();
        assert_ne!(one, two);
    }

    #[tokio::test]
    async fn a19_every_character_counts_to_the_last_and_behind_a_nul() {
        let hasher = hasher();
        for length in [65, 73, 129, 256] {
            let (one, two) = ("a".repeat(length), format!("{}b", "a".repeat(length - 1)));
            let hash = hasher.hash(password(&one)).await.unwrap();
            assert_eq!(verify(&hasher, &one, &hash).await, PasswordMatch::Yes, "{length}");
            assert_eq!(verify(&hasher, &two, &hash).await, PasswordMatch::No, "{length}");
        }
        let hash = hasher.hash(password("before\0after")).await.unwrap();
        assert_eq!(verify(&hasher, "before\0other", &hash).await, PasswordMatch::No);
        assert_eq!(verify(&hasher, "before", &hash).await, PasswordMatch::No);
    }

    #[tokio::test]
    async fn without_a_hash_nothing_matches() {
        let answer = hasher().verify(password("a long enough password"), None).await;
        assert_eq!(answer, Ok(PasswordMatch::No));
    }

    #[tokio::test]
    async fn r10_a_hash_of_other_cost_is_good_but_outdated() {
        // Made with OpenSSL.
        let phc = "$argon2id$v=19$m=64,t=3,p=2$c2l4dGVlbiBieXRlcyBvaw$eUcpYAJlzMRGZtFMGHXReEkTDI5+jaY2l4jKn2KWMj8";
        let hash = PasswordHash::from_phc(phc.to_owned());
        let answer = verify(&hasher(), "a long enough password", &hash).await;
        assert_eq!(answer, PasswordMatch::YesButOutdated);
        assert_eq!(verify(&hasher(), "another password", &hash).await, PasswordMatch::No);
    }

    #[tokio::test]
    async fn a_stored_hash_that_cannot_be_read_matches_nothing() {
        for phc in [
            "",
            "plain text",
            "$2b$12$abc",
            "$argon2id$v=19$m=262145,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJ",
        ] {
            let hash = PasswordHash::from_phc(phc.to_owned());
            assert_eq!(verify(&hasher(), "password", &hash).await, PasswordMatch::No, "{phc}");
        }
    }

    #[tokio::test]
    async fn r11_a_peppered_hash_is_worthless_without_its_key() {
        let key = secret_key();
        let hash = peppered(slice::from_ref(&key))
            .hash(password("a long enough password"))
            .await
            .unwrap();
        assert!(hash.as_phc().contains(",keyid="));
        assert_eq!(
            verify(&peppered(&[key]), "a long enough password", &hash).await,
            PasswordMatch::Yes
        );
        for other in [hasher(), peppered(&[secret_key()])] {
            assert_eq!(verify(&other, "a long enough password", &hash).await, PasswordMatch::No);
        }
        let stripped = hash.as_phc().split(",keyid=").next().unwrap().to_owned();
        let tail = hash.as_phc().split_once('$').unwrap().1.splitn(4, '$').nth(3).unwrap();
        let raw = PasswordHash::from_phc(format!("{stripped}${tail}"));
        assert_eq!(
            verify(&hasher(), "a long enough password", &raw).await,
            PasswordMatch::No
        );
    }

    /// Counts passwords; what else is measured does not concern it.
    #[derive(Default)]
    struct Passwords(AtomicU32);

    impl Measurements for Passwords {
        fn request_answered(&self, _: AnsweredRequest<'_>) {}
        fn sign_in(&self, _: SignInOutcome) {}
        fn mail(&self, _: MailResult) {}
        fn job_finished(&self, _: Job, _: bool, _: Duration) {}

        fn password_hashed(&self, waited: Duration, took: Duration) {
            assert!(took > Duration::ZERO && waited < Duration::from_mins(1));
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[tokio::test]
    async fn every_password_is_measured_and_the_line_can_be_looked_at() {
        let measured = Arc::<Passwords>::default();
        let hasher = hasher().measured_by(measured.clone());
        let hash = hasher.hash(password("a long enough password")).await.unwrap();
        verify(&hasher, "a long enough password", &hash).await;
        hasher.verify(password("a long enough password"), None).await.unwrap();
        assert_eq!(measured.0.load(Ordering::Relaxed), 3);
        let mut gauges = Vec::new();
        hasher.gauges().read(&mut |gauge, value| gauges.push((gauge, value)));
        assert_eq!(gauges[0], (Gauge::PasswordHashQueueDepth, 0.0));
        assert_eq!(gauges[1].0, Gauge::PasswordHashThreadsBusy);
    }

    #[tokio::test]
    async fn peppers_are_changed_sign_in_by_sign_in() {
        let (old, new) = (secret_key(), secret_key());
        let plain = hasher().hash(password("a long enough password")).await.unwrap();
        let first = peppered(slice::from_ref(&old))
            .hash(password("a long enough password"))
            .await
            .unwrap();
        let hasher = peppered(&[new, old]);
        for hash in [plain, first] {
            assert_eq!(
                verify(&hasher, "a long enough password", &hash).await,
                PasswordMatch::YesButOutdated
            );
        }
        let current = hasher.hash(password("a long enough password")).await.unwrap();
        assert_eq!(
            verify(&hasher, "a long enough password", &current).await,
            PasswordMatch::Yes
        );
    }
}
