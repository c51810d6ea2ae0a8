//! TLS: whom a link trusts.

use crate::servers::{BOUND, OverRedis, Process, admit, eventually_async, link, options, private_server, within};
use gatewright_adapter_redis::{RedisHealth, RedisOptions, RedisRateLimiter};
use gatewright_application::ports::announcements::Announcement;
use gatewright_application::ports::health_probe::HealthProbe as _;
use gatewright_private_servers::RedisServer;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::fs;
use std::net::TcpListener;
use tempfile::TempDir;

struct Scene {
    _server: RedisServer,
    _folder: TempDir,
    port: u16,
    authority: String,
}

/// A server whose certificate names `localhost` and nothing else.
fn set() -> Scene {
    let folder = tempfile::tempdir().unwrap();
    let mut issuer = CertificateParams::new([]).unwrap();
    issuer.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(issuer, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &issuer).unwrap();
    let write = |name: &str, pem: &str| {
        let path = folder.path().join(name);
        fs::write(&path, pem).unwrap();
        path.into_os_string().into_string().unwrap()
    };
    let authority = issuer.pem();
    let files = [
        write("leaf.pem", &leaf.pem()),
        write("key.pem", &key.serialize_pem()),
        write("authority.pem", &authority),
    ];
    let [leaf, key, ca] = &files;
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let tls_port = port.to_string();
    let settings = ["--tls-port", &tls_port, "--tls-cert-file", leaf, "--tls-key-file", key];
    let more = ["--tls-ca-cert-file", ca, "--tls-auth-clients", "no"];
    let server = private_server(&[&settings[..], &more[..]].concat());
    Scene {
        _server: server,
        _folder: folder,
        port,
        authority,
    }
}

impl Scene {
    fn options(&self, host: &str) -> RedisOptions {
        options(&format!("rediss://{host}:{}", self.port))
    }

    fn trusting(&self, host: &str) -> RedisOptions {
        self.options(host).trusting(self.authority.as_bytes()).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_with_the_right_name_is_spoken_to() {
    let scene = set();
    let options = scene.trusting("localhost");
    let limiter = RedisRateLimiter::new(link(&options));
    eventually_async("it is spoken to", async || admit(&limiter).await.is_ok()).await;
    let processes = OverRedis(options);
    let (first, second) = (Process::started(&processes).await, Process::started(&processes).await);
    first.announce(Announcement::AddressRulesChanged).await.unwrap();
    assert_eq!(second.told.heard(), [Announcement::AddressRulesChanged]);
}

async fn refusal(options: &RedisOptions) -> String {
    let health = RedisHealth::new(link(options));
    let mut said = String::new();
    eventually_async("it is known why", async || {
        said = within(BOUND, health.check()).await.unwrap_err().to_string();
        !said.contains("no answer in time")
    })
    .await;
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn r58_a_server_with_another_name_is_refused() {
    let scene = set();
    let said = refusal(&scene.trusting("127.0.0.1")).await;
    assert!(said.contains("certificate not valid for name"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn r58_a_server_that_nobody_vouches_for_is_refused() {
    let scene = set();
    let said = refusal(&scene.options("localhost")).await;
    assert!(said.contains("certificate"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn r58_a_server_without_tls_is_refused() {
    let server = private_server(&[]);
    let health = RedisHealth::new(link(&options(&format!("rediss://{}", server.address()))));
    assert!(within(BOUND, health.check()).await.is_err());
}
