//! Migrations.

use crate::fresh_storage::fresh_database;
use crate::inspection::{connection, count};
use diesel::prelude::*;
use diesel::sql_types::Text;
use gatewright_adapter_sqlite::{OpenError, SqliteOptions, SqliteStore, migrations};
use std::os::unix::fs::PermissionsExt;
use std::thread;

#[derive(QueryableByName, Debug, PartialEq)]
struct Statement {
    #[diesel(sql_type = Text)]
    sql: String,
}

fn schema(options: &SqliteOptions) -> Vec<Statement> {
    let query =
        "select sql from sqlite_schema where sql is not null and name not like '\\_\\_%' escape '\\' order by name";
    diesel::sql_query(query).load(&mut connection(&options.path)).unwrap()
}

#[test]
fn all_the_way_down_leaves_nothing_and_up_again_makes_the_same() {
    let (_folder, options) = fresh_database();
    let (before, status) = (schema(&options), migrations::status(&options).unwrap());
    assert!(status.iter().all(|migration| migration.applied));

    let reverted = migrations::down(&options, usize::MAX).unwrap();
    assert_eq!(reverted.len(), status.len());
    assert_eq!(schema(&options), []);
    assert!(
        migrations::status(&options)
            .unwrap()
            .iter()
            .all(|migration| !migration.applied)
    );

    let run = migrations::up(&options).unwrap();
    assert!(run.iter().eq(reverted.iter().rev()));
    assert_eq!(schema(&options), before);
}

#[test]
fn one_step_down_takes_back_the_newest_only() {
    let (_folder, options) = fresh_database();
    let status = migrations::status(&options).unwrap();
    let newest = status.last().unwrap().name.as_str();
    assert_eq!(migrations::down(&options, 1).unwrap(), [newest]);
    assert_eq!(migrations::up(&options).unwrap(), [newest]);
    assert_eq!(migrations::up(&options).unwrap(), [] as [String; 0]);
}

#[test]
fn programs_that_start_together_on_a_new_file_migrate_it_once() {
    for _ in 0..10 {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteOptions::at(folder.path().join("gatewright.db"));
        let migrate = || migrations::up(&options).unwrap().len();
        let run: Vec<usize> = thread::scope(|scope| {
            let started: Vec<_> = (0..8).map(|_| scope.spawn(migrate)).collect();
            started.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let all = migrations::status(&options).unwrap().len();
        assert_eq!(run.iter().filter(|&&run| run == all).count(), 1, "{run:?}");
        assert_eq!(run.iter().sum::<usize>(), all, "{run:?}");
    }
}

#[test]
fn a_database_that_was_not_migrated_is_not_opened() {
    let (_folder, options) = fresh_database();
    migrations::down(&options, 2).unwrap();
    let error = SqliteStore::open(&options).err().unwrap();
    assert!(matches!(error, OpenError::Outdated { pending: 2, .. }), "{error}");
}

#[test]
fn a_migration_of_a_newer_program_is_left_alone() {
    let (_folder, options) = fresh_database();
    diesel::sql_query("insert into __diesel_schema_migrations (version) values ('99991231000001')")
        .execute(&mut connection(&options.path))
        .unwrap();
    assert_eq!(migrations::up(&options).unwrap(), [] as [String; 0]);
    assert!(SqliteStore::open(&options).is_ok());
    let before = schema(&options);
    assert!(matches!(
        migrations::down(&options, 2),
        Err(migrations::MigrationError::Unknown(_))
    ));
    assert_eq!(schema(&options), before);
}

#[test]
fn asking_for_the_status_makes_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions::at(folder.path().join("gatewright.db"));
    assert!(
        migrations::status(&options)
            .unwrap()
            .iter()
            .all(|migration| !migration.applied)
    );
    assert!(!options.path.exists());
}

#[test]
fn only_the_owner_can_read_the_files() {
    let (folder, options) = fresh_database();
    let _store = SqliteStore::open(&options).unwrap();
    let files: Vec<_> = folder.path().read_dir().unwrap().map(Result::unwrap).collect();
    assert!(files.len() >= 2, "there is no write-ahead log");
    for file in files {
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.path().display());
    }
}

#[test]
fn the_audit_trail_can_be_shortened_but_not_rewritten() {
    let (_folder, options) = fresh_database();
    let connection = &mut connection(&options.path);
    let mut run = |sql| diesel::sql_query(sql).execute(connection);
    run("insert into audit_events (id, at, event_type, request_id) values (randomblob(16), 1, 'user_created', 'r')")
        .unwrap();
    let error = run("update audit_events set event_type = 'user_deleted'").unwrap_err();
    assert_eq!(error.to_string(), "the audit trail is append-only");
    run("delete from audit_events").unwrap();
    assert_eq!(count(connection, "select count(*) as count from audit_events"), 0);
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions::at(folder.path().join("notes.txt"));
    let text = "Remember the milk. ".repeat(100);
    std::fs::write(&options.path, &text).unwrap();
    let error = migrations::up(&options).unwrap_err().to_string();
    assert!(
        error.contains("notes.txt") && error.contains("file is not a database"),
        "{error}"
    );
    assert_eq!(std::fs::read_to_string(&options.path).unwrap(), text);
}

#[test]
fn a_missing_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions::at(folder.path().join("nowhere").join("gatewright.db"));
    let error = migrations::up(&options).unwrap_err().to_string();
    assert!(error.contains("nowhere/gatewright.db"), "{error}");
}
