//! TLS: to whom we speak.

use crate::faults::private_server;
use gatewright_adapter_postgres::{PostgresOptions, PostgresStore, TlsError};
use gatewright_application::ports::health_probe::HealthProbe;
use gatewright_private_servers::PostgresServer;
use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair};
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

/// A server that has a certificate for `localhost`, and files of authorities.
struct TlsServer {
    server: PostgresServer,
    folder: TempDir,
}

impl TlsServer {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (authority, certificate, key) = certificate_for("localhost", "Authority");
        fs::write(folder.path().join("authority.pem"), authority).unwrap();
        let (unknown, _, _) = certificate_for("localhost", "Another authority");
        fs::write(folder.path().join("unknown.pem"), unknown).unwrap();
        let mut server = private_server(&[]);
        give(&server, "server.crt", &certificate);
        give(&server, "server.key", &key);
        let settings = server.data().join("postgresql.auto.conf");
        fs::write(settings, "ssl = on\npassword_encryption = 'scram-sha-256'\n").unwrap();
        server.stop().unwrap();
        server.start_again().unwrap();
        Self { server, folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The URL under a host name of ours, with these parameters.
    fn url(&self, host: &str, parameters: &str) -> String {
        let url = self.server.url().replace("127.0.0.1", host);
        format!("{url}?{parameters}")
    }

    fn trusting(&self, host: &str, ssl_mode: &str, authorities: &str) -> String {
        let file = self.file(authorities);
        self.url(host, &format!("sslmode={ssl_mode}&sslrootcert={}", file.display()))
    }

    /// From now on only TLS is let in, and passwords by SCRAM, which is bound to the channel.
    async fn insist(&self) {
        let client = plain_client(&self.server).await;
        let password = self.server.url();
        let password = password.split([':', '@']).nth(2).unwrap().to_owned();
        let again = format!("alter role gatewright password '{password}'");
        client.batch_execute(&again).await.unwrap();
        let hba = "hostssl all all all scram-sha-256\n";
        fs::write(self.server.data().join("pg_hba.conf"), hba).unwrap();
        client.batch_execute("select pg_reload_conf()").await.unwrap();
        while tokio_postgres::connect(&self.server.url(), NoTls).await.is_ok() {
            tokio::task::yield_now().await;
        }
    }
}

/// An authority, and a certificate of it with its key, in PEM form.
fn certificate_for(name: &str, authority: &str) -> (String, String, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, authority);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().unwrap();
    let authority = params.self_signed(&authority_key).unwrap();
    let issuer = Issuer::new(params, authority_key);
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()])
        .unwrap()
        .signed_by(&key, &issuer)
        .unwrap();
    (authority.pem(), certificate.pem(), key.serialize_pem())
}

/// Writes a file into the server's folder, for its account alone.
fn give(server: &PostgresServer, name: &str, text: &str) {
    let (folder, path) = (server.data(), server.data().join(name));
    let owner = folder.metadata().unwrap();
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    chown(&path, Some(owner.uid()), Some(owner.gid())).unwrap();
}

async fn plain_client(server: &PostgresServer) -> Client {
    let (client, connection) = tokio_postgres::connect(&server.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Connects, and answers why that did not work.
async fn refusal(url: &str) -> String {
    let store = PostgresStore::new(PostgresOptions::from_url(url).unwrap()).unwrap();
    store.prepare(true).await.unwrap_err().to_string()
}

/// Connects, and answers whether TLS is used.
async fn is_encrypted(url: &str, watching: &Client) -> bool {
    let name = format!("tls test {url}").replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    let name: String = name.chars().rev().take(60).collect();
    let url = format!("{url}&application_name={name}");
    let store = PostgresStore::new(PostgresOptions::from_url(&url).unwrap()).unwrap();
    store.prepare(true).await.unwrap();
    store.check().await.unwrap();
    let query = "select ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name = $1";
    let rows = watching.query(query, &[&name]).await.unwrap();
    assert!(!rows.is_empty(), "{name}");
    rows.iter().all(|row| row.get(0))
}

#[tokio::test(flavor = "multi_thread")]
async fn r58_only_the_server_that_was_meant_is_spoken_to() {
    let server = TlsServer::start();
    let watching = plain_client(&server.server).await;
    for (host, mode) in [
        ("localhost", "verify-full"),
        ("localhost", "verify-ca"),
        ("127.0.0.1", "verify-ca"),
        ("localhost", "require"),
    ] {
        let url = server.trusting(host, mode, "authority.pem");
        assert!(is_encrypted(&url, &watching).await, "{mode}");
    }
    for mode in ["require", "prefer"] {
        let url = server.url("127.0.0.1", &format!("sslmode={mode}"));
        assert!(is_encrypted(&url, &watching).await, "{mode}");
    }
    let plain = server.url("localhost", "sslmode=disable");
    assert!(!is_encrypted(&plain, &watching).await);

    // Another name than the certificate's.
    let told = refusal(&server.trusting("127.0.0.1", "verify-full", "authority.pem")).await;
    assert!(told.contains("certificate") && told.contains("localhost"), "{told}");
    // An authority that nobody named, be it that another one was, or none.
    for mode in ["verify-full", "verify-ca", "require"] {
        let told = refusal(&server.trusting("localhost", mode, "unknown.pem")).await;
        assert!(told.contains("UnknownIssuer"), "{mode}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn r58_nobody_talks_us_out_of_it_nor_the_server() {
    let plain = private_server(&[]);
    let told = refusal(&format!("{}?sslmode=require", plain.url())).await;
    assert!(told.contains("server does not support TLS"), "{told}");

    let server = TlsServer::start();
    server.insist().await;
    let url = server.trusting("localhost", "verify-full", "authority.pem");
    let store = PostgresStore::new(PostgresOptions::from_url(&url).unwrap()).unwrap();
    store.prepare(true).await.unwrap();
    assert_eq!(store.check().await, Ok(()));
    let told = refusal(&server.url("localhost", "sslmode=disable")).await;
    assert!(told.contains("no encryption"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extra_authority_is_trusted_besides_the_systems() {
    let server = TlsServer::start();
    let url = server.url("localhost", "sslmode=verify-full");
    let mut options = PostgresOptions::from_url(&url).unwrap();
    options.extra_authorities = Some(server.file("authority.pem"));
    let store = PostgresStore::new(options).unwrap();
    store.prepare(true).await.unwrap();
    assert_eq!(store.check().await, Ok(()));
}

#[test]
fn a_file_without_certificates_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.pem");
    fs::write(&empty, "").unwrap();
    for file in [&empty, Path::new("/nowhere/authority.pem")] {
        let url = format!(
            "postgres://localhost/x?sslmode=verify-full&sslrootcert={}",
            file.display()
        );
        let error = PostgresStore::new(PostgresOptions::from_url(&url).unwrap())
            .err()
            .unwrap();
        assert!(matches!(&error, TlsError::File { path, .. } if path == file), "{error}");
    }
}
