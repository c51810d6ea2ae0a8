use super::*;

const TIMEOUT: Duration = Duration::from_millis(200);

fn parse(url: &str) -> Result<RedisOptions, RedisOptionsFault> {
    RedisOptions::parse(&url.to_owned().into(), "gatewright", TIMEOUT)
}

fn addresses(options: &RedisOptions) -> Vec<String> {
    options.nodes.iter().map(|node| node.addr().to_string()).collect()
}

#[test]
fn a_server_is_read_with_user_password_port_and_database() {
    let options = parse("redis://ann:p%40ss%3Aw%23rd@redis.example.com:6380/3").unwrap();
    assert_eq!(addresses(&options), ["redis.example.com:6380"]);
    assert!(!options.is_cluster);
    let settings = options.nodes[0].redis_settings();
    assert_eq!(settings.username(), Some("ann"));
    assert_eq!(settings.password(), Some("p@ss:w#rd"));
    assert_eq!(settings.db(), 3);
}

#[test]
fn all_but_the_host_may_be_left_out() {
    for (url, address) in [
        ("redis://localhost", "localhost:6379"),
        ("redis://localhost/", "localhost:6379"),
        ("redis://:secret@10.0.0.1", "10.0.0.1:6379"),
        ("redis://[::1]:7000", "::1:7000"),
    ] {
        let options = parse(url).unwrap();
        assert_eq!(addresses(&options), [address], "{url}");
        assert_eq!(options.nodes[0].redis_settings().db(), 0);
    }
}

#[test]
fn tls_is_verified() {
    for url in ["rediss://redis.example.com", "rediss+cluster://redis.example.com"] {
        let options = parse(url).unwrap();
        let address = options.nodes[0].addr();
        assert!(
            matches!(address, ConnectionAddr::TcpTls { insecure: false, .. }),
            "{url}"
        );
    }
    assert_eq!(
        parse("rediss://redis.example.com/#insecure").unwrap_err(),
        RedisOptionsFault::Query
    );
}

#[test]
fn a_cluster_has_any_number_of_nodes_with_the_same_credentials() {
    let options = parse("redis+cluster://ann:secret@one:7000,two,three:7002").unwrap();
    assert_eq!(addresses(&options), ["one:7000", "two:6379", "three:7002"]);
    assert!(options.is_cluster);
    assert!(
        options
            .nodes
            .iter()
            .all(|node| node.redis_settings().password() == Some("secret"))
    );
    assert!(options.cluster_client().is_ok());
}

#[test]
fn a_fault_is_one_sentence_without_the_url() {
    for (url, fault) in [
        ("http://ann:hunter2@host", RedisOptionsFault::Scheme),
        ("ann:hunter2@host", RedisOptionsFault::Scheme),
        ("redis://ann:hunter2@host?db=1", RedisOptionsFault::Query),
        ("redis://ann:hunter2@", RedisOptionsFault::Host),
        ("redis://ann:hunter2@host:99999", RedisOptionsFault::Host),
        ("redis://ann:hunter2@ho st", RedisOptionsFault::Host),
        ("redis://ann:hunter2@one,two", RedisOptionsFault::SeveralHosts),
        ("redis://ann:hunter2@host/users", RedisOptionsFault::Database),
        ("redis://ann:hunter2@host/-1", RedisOptionsFault::Database),
        (
            "redis+cluster://ann:hunter2@one,two/1",
            RedisOptionsFault::ClusterDatabase,
        ),
        ("redis+cluster://ann:hunter2@one,,two", RedisOptionsFault::Host),
    ] {
        let found = parse(url).unwrap_err();
        assert_eq!(found, fault, "{url}");
        let said = found.to_string();
        assert!(!said.contains("hunter2") && !said.contains('\n'), "{said}");
    }
    for prefix in ["", "{a}"] {
        let found = RedisOptions::parse(&"redis://host".into(), prefix, TIMEOUT);
        assert_eq!(found.unwrap_err(), RedisOptionsFault::KeyPrefix);
    }
}

#[test]
fn nothing_shows_user_or_password() {
    let shown = format!("{:?}", parse("redis://ann:hunter2@host").unwrap());
    assert!(!shown.contains("hunter2") && !shown.contains("ann"), "{shown}");
    assert!(shown.contains("host:6379"));
}

#[test]
fn another_node_is_spoken_to_as_the_known_one() {
    let options = parse("rediss+cluster://ann:secret@one:7000").unwrap();
    let other = RedisOptions::node_at(&options.nodes[0], "10.0.0.2", 7001);
    assert_eq!(other.addr().to_string(), "10.0.0.2:7001");
    assert!(matches!(other.addr(), ConnectionAddr::TcpTls { insecure: false, .. }));
    assert_eq!(other.redis_settings().password(), Some("secret"));
    assert_eq!(
        RedisOptions::node_at(&other, "", 7002).addr().to_string(),
        "10.0.0.2:7002"
    );
}

#[test]
fn only_certificates_can_be_trusted() {
    let options = parse("rediss://host").unwrap();
    let not_one: &[u8] = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for faulty in [&b""[..], b"hello", not_one] {
        assert!(options.clone().trusting(faulty).is_err());
    }
}
