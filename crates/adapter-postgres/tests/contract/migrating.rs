//! Migrations.

use crate::fresh_storage::Schema;
use gatewright_adapter_postgres::{PostgresStore, PrepareError, migrations};
use gatewright_application::ports::challenges::{Challenges, CodeAttempt};
use gatewright_application::ports::change::{
    ChallengeChange, Change, Changes, RegistrationChange, SessionChange, UserChange,
};
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::health_probe::HealthProbe;
use gatewright_application::ports::outbox::Outbox;
use gatewright_application::ports::registrations::Registrations;
use gatewright_application::ports::sessions::Sessions;
use gatewright_contract::samples::{NOON, challenge, id, mail, registration, session, user};
use gatewright_domain::Duration;
use gatewright_domain::account::challenge::{ChallengePolicy, ChallengeSubject};
use std::num::NonZeroUsize;
use std::thread;

/// Tables, columns, indices, constraints and triggers, as the server describes them.
async fn schema_of(schema: &Schema) -> Vec<String> {
    let query = "
        select format('%s.%s %s %s %s', table_name, column_name, data_type, is_nullable, collation_name)
            from information_schema.columns where table_schema = current_schema() and table_name not like '\\_\\_%'
        union all select indexdef from pg_indexes where schemaname = current_schema() and tablename not like '\\_\\_%'
        union all select format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) from pg_constraint
            where connamespace = current_schema()::regnamespace and conrelid::regclass::text not like '\\_\\_%'
        union all select pg_get_triggerdef(oid) from pg_trigger
            where not tgisinternal and tgrelid in (select oid from pg_class where relnamespace = current_schema()::regnamespace)
        union all select proname::text from pg_proc where pronamespace = current_schema()::regnamespace
        union all select format('%s %s', oid::regclass, reloptions) from pg_class
            where relnamespace = current_schema()::regnamespace and relkind = 'r' and relname not like '\\_\\_%'
        order by 1";
    let rows = schema.connect().await.query(query, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn all_the_way_down_leaves_nothing_and_up_again_makes_the_same() {
    let schema = Schema::new();
    let options = schema.options();
    let run = migrations::up(&options).unwrap();
    let (before, status) = (schema_of(&schema).await, migrations::status(&options).unwrap());
    assert!(before.len() > 100, "{before:?}");
    assert!(status.iter().all(|migration| migration.applied));
    assert!(status.iter().map(|migration| &migration.name).eq(&run));

    let reverted = migrations::down(&options, usize::MAX).unwrap();
    assert!(reverted.iter().eq(run.iter().rev()));
    assert_eq!(schema_of(&schema).await, [] as [String; 0]);
    let status = migrations::status(&options).unwrap();
    assert!(status.iter().all(|migration| !migration.applied));

    assert_eq!(migrations::up(&options).unwrap(), run);
    assert_eq!(schema_of(&schema).await, before);
}

#[tokio::test]
async fn the_schema_that_the_other_tests_use_is_that_of_the_migrations() {
    let (quick, schema) = (Schema::migrated(), Schema::new());
    migrations::up(&schema.options()).unwrap();
    let named = |schema: &Schema, text: &str| text.replace(schema.name(), "schema");
    let (one, other) = (schema_of(&quick).await, schema_of(&schema).await);
    assert_eq!(one.len(), other.len());
    for (one, other) in one.iter().zip(&other) {
        assert_eq!(named(&quick, one), named(&schema, other));
    }
    assert_eq!(migrations::up(&quick.options()).unwrap(), [] as [String; 0]);
}

#[test]
fn one_step_down_takes_back_the_newest_only() {
    let schema = Schema::migrated();
    let options = schema.options();
    let status = migrations::status(&options).unwrap();
    let newest = status.last().unwrap().name.as_str();
    assert_eq!(migrations::down(&options, 1).unwrap(), [newest]);
    assert_eq!(migrations::up(&options).unwrap(), [newest]);
    assert_eq!(migrations::up(&options).unwrap(), [] as [String; 0]);
}

#[test]
fn f26_programs_that_start_together_on_a_new_database_migrate_it_once() {
    for _ in 0..3 {
        let schema = Schema::new();
        let options = schema.options();
        let migrate = || migrations::up(&options).unwrap().len();
        let run: Vec<usize> = thread::scope(|scope| {
            let started: Vec<_> = (0..6).map(|_| scope.spawn(migrate)).collect();
            started.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let all = migrations::status(&options).unwrap().len();
        assert_eq!(run.iter().filter(|&&run| run == all).count(), 1, "{run:?}");
        assert_eq!(run.iter().sum::<usize>(), all, "{run:?}");
    }
}

/// The server ends the session of whoever was killed; what that one had begun is undone, what it had finished stays.
#[tokio::test(flavor = "multi_thread")]
async fn f26_a_migrator_that_is_killed_leaves_whole_migrations_and_the_rest_to_the_next() {
    let schema = Schema::new();
    let options = schema.options();
    let client = schema.connect().await;
    // The fourth migration has to wait for this table, after three that were done.
    client.batch_execute("begin; create table sessions ()").await.unwrap();
    let migrator = thread::spawn({
        let options = options.clone();
        move || migrations::up(&options)
    });
    let killed = "select count(pg_terminate_backend(pid)) from pg_locks
        where not granted and pid <> pg_backend_pid() and transactionid =
            (select transactionid from pg_locks where pid = pg_backend_pid() and transactionid is not null)";
    while client.query_one(killed, &[]).await.unwrap().get::<_, i64>(0) == 0 {
        tokio::task::yield_now().await;
    }
    assert!(migrator.join().unwrap().is_err());
    let status = migrations::status(&options).unwrap();
    let done = status.iter().filter(|migration| migration.applied).count();
    assert_eq!(done, 3, "{status:?}");

    client.batch_execute("rollback").await.unwrap();
    assert_eq!(migrations::up(&options).unwrap().len(), status.len() - done);
    let reference = Schema::migrated();
    assert_eq!(schema_of(&schema).await.len(), schema_of(&reference).await.len());
}

#[tokio::test]
async fn a_store_answers_only_once_the_schema_is_current() {
    let schema = Schema::migrated();
    migrations::down(&schema.options(), 2).unwrap();
    let store = PostgresStore::new(schema.options()).unwrap();
    let error = store.prepare(false).await.unwrap_err();
    assert!(matches!(error, PrepareError::Outdated { pending: 2 }), "{error}");
    let error = store.check().await.unwrap_err();
    assert!(
        matches!(&error, PortError::Unavailable { reason, .. } if reason.starts_with("not migrated")),
        "{error}"
    );

    assert_eq!(store.prepare(true).await.unwrap().len(), 2);
    assert_eq!(store.check().await, Ok(()));
    assert_eq!(store.prepare(true).await.unwrap(), [] as [String; 0]);
}

#[tokio::test]
async fn a_migration_of_a_newer_program_is_left_alone() {
    let schema = Schema::migrated();
    let options = schema.options();
    let newer = "insert into __diesel_schema_migrations (version) values ('99991231000001')";
    schema.connect().await.execute(newer, &[]).await.unwrap();
    assert_eq!(migrations::up(&options).unwrap(), [] as [String; 0]);
    let store = PostgresStore::new(options.clone()).unwrap();
    assert_eq!(store.prepare(false).await.unwrap(), [] as [String; 0]);
    let before = schema_of(&schema).await;
    assert!(matches!(
        migrations::down(&options, 2),
        Err(migrations::MigrationError::Unknown(_))
    ));
    assert_eq!(schema_of(&schema).await, before);
}

/// What a running program has prepared goes on working when the next version adds columns.
#[tokio::test]
async fn a_column_that_is_added_disturbs_no_running_program() {
    let schema = Schema::migrated();
    let mut options = schema.options();
    options.pool_size = NonZeroUsize::MIN;
    let store = PostgresStore::new(options).unwrap();
    store.prepare(false).await.unwrap();
    use_every_table(&store, 1).await;
    let client = schema.connect().await;
    for table in [
        "users",
        "user_roles",
        "registrations",
        "challenges",
        "sessions",
        "attempt_counters",
        "outbox_mails",
    ] {
        let add = format!("alter table {table} add column added integer not null default 7");
        client.batch_execute(&add).await.unwrap();
    }
    use_every_table(&store, 2).await;
}

async fn use_every_table(store: &PostgresStore, number: u32) {
    let user = user(number);
    let challenge = challenge(number, ChallengeSubject::Nobody);
    let changes = vec![
        Change::User(UserChange::Insert {
            user: user.clone(),
            password: None,
        }),
        Change::Registration(RegistrationChange::Insert(registration(number))),
        Change::Challenge(ChallengeChange::Insert(challenge.clone())),
        Change::Session(SessionChange::Insert(session(number, user.id))),
        Change::Mail(mail(number)),
    ];
    store.apply(changes).await.unwrap();
    let found = store.find_with_user(session(number, user.id).id).await.unwrap();
    assert_eq!(found, Some((session(number, user.id), user)));
    let waiting = store.waiting_for(&registration(number).email, NOON).await.unwrap();
    assert_eq!(waiting, [registration(number)]);
    let policy = ChallengePolicy::default();
    let attempt = store
        .claim_code_attempt(challenge.id, challenge.purpose, &policy, NOON)
        .await;
    assert_eq!(attempt, Ok(CodeAttempt::Granted(challenge)));
    let claimed = store
        .claim_due(id(number), 10, Duration::minutes(1), NOON)
        .await
        .unwrap();
    assert_eq!(claimed.len(), 1);
}

#[tokio::test]
async fn asking_for_the_status_makes_no_table() {
    let schema = Schema::new();
    let status = migrations::status(&schema.options()).unwrap();
    assert!(status.iter().all(|migration| !migration.applied));
    let tables = "select count(*) from pg_tables where schemaname = current_schema()";
    let tables = schema.connect().await.query_one(tables, &[]).await.unwrap();
    assert_eq!(tables.get::<_, i64>(0), 0);
}

#[tokio::test]
async fn the_audit_trail_can_be_shortened_but_not_rewritten() {
    let schema = Schema::migrated();
    let client = schema.connect().await;
    let insert = "insert into audit_events (id, at, event_type, request_id)
        values (gen_random_uuid(), now(), 'user_created', 'r')";
    client.execute(insert, &[]).await.unwrap();
    for rewrite in [
        "update audit_events set event_type = 'user_deleted'",
        "truncate audit_events",
    ] {
        let error = client.execute(rewrite, &[]).await.unwrap_err();
        let message = error.as_db_error().unwrap().message();
        assert_eq!(message, "the audit trail is append-only", "{rewrite}");
    }
    assert_eq!(client.execute("delete from audit_events", &[]).await.unwrap(), 1);
}

/// `migrations/README.md`: the two folders have the same history.
#[test]
fn every_migration_has_the_same_name_for_every_database() {
    let names = |database: &str| {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
        let entries = std::fs::read_dir(folder.join(database)).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names("postgres"), names("sqlite"));
}
