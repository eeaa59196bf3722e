//! For tests only: throw-away databases of both engines, empty or with the shop's schema.
#![expect(clippy::expect_used, reason = "a test without its database has to stop, and say why")]

mod databases;

pub use databases::{TempFolder, TestDatabase, empty_postgres, empty_sqlite, shop_postgres, shop_sqlite};

/// Declares one test for each engine, on an empty database: `on_both!(fn promise(db) { … })` makes
/// `promise::sqlite` and `promise::postgres`. The body is async and ends in no value.
#[macro_export]
macro_rules! on_both {
    ($(#[$meta:meta])* fn $name:ident($db:ident) $body:block) => {
        $crate::on_both!(@tests [$(#[$meta])*] $name $db $body empty_sqlite empty_postgres);
    };
    (@tests [$($meta:tt)*] $name:ident $db:ident $body:block $sqlite:ident $postgres:ident) => {
        $($meta)*
        mod $name {
            use super::*;

            async fn promise($db: $crate::TestDatabase) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                promise($crate::$sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                promise($crate::$postgres().await).await;
            }
        }
    };
}

/// Like [`on_both!`], on a database that has the shop's schema and no rows.
#[macro_export]
macro_rules! on_both_shops {
    ($(#[$meta:meta])* fn $name:ident($db:ident) $body:block) => {
        $crate::on_both!(@tests [$(#[$meta])*] $name $db $body shop_sqlite shop_postgres);
    };
}
