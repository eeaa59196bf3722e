//! Throw-away databases: a SQLite file in a temporary folder, and a database of its own on the
//! PostgreSQL server that the test command starts.

use database::{Database, DatabaseUrl};
use std::{ops::Deref, path::PathBuf};
use vocabulary::{Clock, Ids, Secret};

/// A database that nobody else uses, gone when dropped (SQLite) or with its server (PostgreSQL).
pub struct TestDatabase {
    database: Database,
    url: DatabaseUrl,
    _folder: Option<TempFolder>,
}

/// A folder that is removed when dropped.
pub struct TempFolder(PathBuf);

impl TempFolder {
    /// A new folder below the system's temporary one.
    pub fn new(label: &str) -> Self {
        let name = format!("loket-{label}-{}", Ids::random().base32(12).to_lowercase());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a temporary folder can be made");
        TempFolder(path)
    }

    /// Where it is.
    pub fn path(&self) -> &std::path::Path {
        &self.0
    }
}

impl Drop for TempFolder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl TestDatabase {
    /// Its address, for a second connection or another process.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Its address as text, password included.
    pub fn url_text(&self) -> String {
        match &self.url {
            DatabaseUrl::Sqlite(path) => format!("sqlite://{}", path.display()),
            DatabaseUrl::Postgres(url) => url.expose().to_owned(),
        }
    }

    /// A second set of connections to the same database, as another process would have.
    pub async fn second(&self) -> Database {
        Database::open(&self.url).await.expect("the database opens a second time")
    }
}

impl Deref for TestDatabase {
    type Target = Database;

    fn deref(&self) -> &Database {
        &self.database
    }
}

/// An empty SQLite database.
pub async fn empty_sqlite() -> TestDatabase {
    let folder = TempFolder::new("test");
    let url = DatabaseUrl::Sqlite(folder.path().join("test.db"));
    let database = Database::open(&url).await.expect("a SQLite file can be made");
    TestDatabase { database, url, _folder: Some(folder) }
}

/// An empty PostgreSQL database on the server of `LOKET_TEST_POSTGRES_URL`.
///
/// # Panics
/// When there is no such server: a missing engine is a failed test, never a skipped one.
pub async fn empty_postgres() -> TestDatabase {
    let server = std::env::var("LOKET_TEST_POSTGRES_URL")
        .expect("LOKET_TEST_POSTGRES_URL names a throw-away PostgreSQL server: run `cargo xtask test`, or `cargo xtask postgres` beside your own test run");
    let name =
        format!("loket_{}_{}", Clock::system().real_now().millis(), Ids::random().base32(10).to_lowercase());
    let (server, old) = server.rsplit_once('/').expect("the URL ends in /database");
    database::create_postgres_database(&Secret::new(format!("{server}/{old}")), &name)
        .await
        .expect("a database can be made");
    let url = DatabaseUrl::Postgres(Secret::new(format!("{server}/{name}")));
    let database = Database::open(&url).await.expect("the new database opens");
    TestDatabase { database, url, _folder: None }
}

/// A SQLite database with the shop's schema.
pub async fn shop_sqlite() -> TestDatabase {
    migrated(empty_sqlite().await).await
}

/// A PostgreSQL database with the shop's schema.
pub async fn shop_postgres() -> TestDatabase {
    migrated(empty_postgres().await).await
}

async fn migrated(db: TestDatabase) -> TestDatabase {
    db.migrate(&orders::MIGRATIONS).await.expect("the shop's migrations can be applied");
    db
}
