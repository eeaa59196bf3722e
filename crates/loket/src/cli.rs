//! The command line. No sub-command means `serve`.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use vocabulary::WibDay;

/// A self-hosted shop for game top-ups.
#[derive(Debug, Parser)]
#[command(name = "loket", version, about, propagate_version = true, arg_required_else_help = false)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What every command takes. Flags win over the environment, which wins over the file.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// Configuration file [default: ./loket.toml, when there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Folder for the database and the sandbox [default: ./loket-data]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Print JSON instead of tables
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Log more; secrets stay masked
    #[arg(long, global = true)]
    pub(crate) debug: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the shop: HTTP and workers in one process
    Serve(Serve),
    /// Run only the simulators, for outside clients and load tests
    Sandbox(Sandbox),
    /// The product catalog
    #[command(subcommand)]
    Catalog(Catalog),
    /// Bring the database schema up to date
    Migrate {
        /// Only say what is missing; exit code 4 when something is
        #[arg(long)]
        check: bool,
    },
    /// Orders, and what staff decide about them
    #[command(subcommand)]
    Order(Order),
    /// Who buys: how far a buyer is known, and what that allows within a day
    #[command(subcommand)]
    Buyer(Buyer),
    /// What suppliers say of their products and of our deposit
    #[command(subcommand)]
    Supplier(Supplier),
    /// The application on Discord
    #[command(subcommand)]
    Discord(Discord),
    /// Buy as members would, through the public doors, once by each way to pay; print every step
    Demo(Demo),
    /// The ledger
    #[command(subcommand)]
    Ledger(Ledger),
    /// The audit trail
    #[command(subcommand)]
    Audit(Audit),
    /// Compare ledger, gateways and supplier for a day; exit code 4 when they differ or one could not be asked
    Reconcile {
        /// The day in WIB, such as 2026-11-22 [default: today so far; yesterday with --stored]
        #[arg(long, value_name = "DATE")]
        date: Option<WibDay>,
        /// Show what the daily run found, and ask nobody
        #[arg(long)]
        stored: bool,
        /// First import this settlement report; with --date it is about that day
        #[arg(long, value_name = "FILE", requires = "gateway", conflicts_with = "stored")]
        settlement: Option<PathBuf>,
        /// Whose settlement report it is
        #[arg(long, value_name = "NAME", requires = "settlement")]
        gateway: Option<String>,
        /// How it is written, beside what is configured: `reference=Order ID`, `decimal=,`, …
        #[arg(long = "read", value_name = "WHAT=HOW", requires = "settlement")]
        reading: Vec<String>,
    },
    /// Settlement reports of the gateways: what they say that they paid out and kept
    #[command(subcommand)]
    Settlement(Settlement),
    /// Open alerts: what a person should look at
    Alerts {
        /// Close one of them: its kind and its subject; a parked row is taken up again
        #[arg(long, num_args = 2, value_names = ["KIND", "SUBJECT"])]
        resolve: Option<Vec<String>>,
        /// Who does, for the audit trail [default: the user name of this computer]
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
        /// How many to list, oldest first, up to 10000 [default: 200, all of them with --json]
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), conflicts_with = "resolve")]
        limit: Option<u32>,
    },
    /// Check configuration, database, keys, clock and reachability, each with a fix
    Doctor,
    /// Print the OpenAPI description of the HTTP interface
    Openapi,
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Default, Args)]
pub(crate) struct Serve {
    /// Address to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
    /// Which parts to run, for several processes on one database
    #[arg(long, value_delimiter = ',', value_enum)]
    pub(crate) role: Vec<Role>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// HTTP
    Web,
    /// Everything that is done between requests
    Worker,
}

#[derive(Debug, Args)]
pub(crate) struct Sandbox {
    /// Address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
    pub(crate) listen: String,
    /// Base address of the shop that webhooks go to, unless a request names another
    #[arg(long, value_name = "URL")]
    pub(crate) notify: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Catalog {
    /// Show the base catalog with its margins and what it would bring in; needs no database
    Preview {
        /// Another catalog file
        file: Option<PathBuf>,
        /// With the extended catalog: Valorant Points, passes and more games
        #[arg(long, conflicts_with = "file")]
        extended: bool,
    },
    /// Add what is missing of the base catalog; running it again changes nothing
    Seed {
        /// Add the extended catalog as well: Valorant Points, passes and more games
        #[arg(long)]
        extended: bool,
    },
    /// Make the catalog agree with a file; all of it or nothing
    Import {
        /// A CSV file, as `catalog export` writes it
        file: PathBuf,
    },
    /// Write the catalog as a CSV file to standard output
    Export,
    /// Where each product is bought, in the order in which suppliers are tried
    Routes {
        /// Code of one product
        product: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Order {
    /// One order with its payments, attempts, ledger and audit entries
    Show(Look),
    /// All that can be shown when a buyer says that nothing came: the order, who said what and when, and the
    /// raw webhooks that speak of it
    Evidence(Look),
    /// The latest orders
    List {
        /// Only those in this state
        #[arg(long)]
        state: Option<String>,
        /// How many
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// Let a held order go on, or accept an odd amount as paid; two persons have to, when much is missing
    Approve {
        #[command(flatten)]
        decision: Decision,
        /// The odd amount that came in, in whole rupiah, as `order show` has it
        #[arg(long, value_name = "RUPIAH", value_parser = clap::value_parser!(i64).range(0..))]
        paid: Option<i64>,
    },
    /// Refuse a held order, or give an odd amount back as store credit
    Reject(Decision),
    /// Buy the product again
    Retry(Decision),
    /// Give the money back: to where it came from if it can go there, else as store credit; also store
    /// credit that the order gave. Above a limit a second person has to agree
    Refund(Refund),
    /// Agree to a refund that waits for a second person
    RefundApprove(RefundDecision),
    /// Say no to a refund that waits for a second person
    RefundReject(RefundDecision),
    /// Say how a refund ended that its gateway does not tell of, after looking in its dashboard; for a large
    /// one a second person has to say the same
    RefundSettle {
        /// Key of the refund, such as LK7Q2M9X4TBC-R1
        key: String,
        /// What the dashboard shows: `given-back`, or `not-given-back` (then it becomes store credit)
        ended: String,
        /// Who says so, for the audit trail [default: the user name of this computer]
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
    /// Settle an order of which a part was delivered: give back what the rest was worth
    Settle {
        /// What of its price goes back to the buyer, in rupiah: what the gateway has given back counts, the rest
        /// becomes store credit; 0 when the buyer has got what was missing in another way
        #[arg(long, value_name = "RUPIAH", value_parser = clap::value_parser!(i64).range(0..))]
        give_back: i64,
        #[command(flatten)]
        decision: Decision,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Look {
    /// Number of the order
    pub(crate) number: String,
    /// Show in full what was delivered (serial number or code), and with `evidence` phone numbers in what gateways
    /// wrote; it is audited who does
    #[arg(long)]
    pub(crate) reveal: bool,
    /// Who looks, for the audit trail [default: the user name of this computer]
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Refund {
    #[command(flatten)]
    pub(crate) decision: Decision,
    /// Where to: `source` or `wallet` [default: source if it can go there]
    #[arg(long, value_name = "WHERE")]
    pub(crate) to: Option<String>,
    /// How much, in whole rupiah [default: all that can go back]
    #[arg(long, value_name = "RUPIAH", value_parser = clap::value_parser!(i64).range(1..))]
    pub(crate) amount: Option<i64>,
    /// Why, for the audit trail
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct RefundDecision {
    /// Number of the order
    pub(crate) number: String,
    /// Id of the request that is decided about, as `order show` and the alert have it
    pub(crate) request: String,
    /// How much it is, in whole rupiah, to be sure that it is the one that you have seen
    #[arg(long, value_name = "RUPIAH", value_parser = clap::value_parser!(i64).range(1..))]
    pub(crate) amount: Option<i64>,
    /// Who decides, for the audit trail [default: the user name of this computer]
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Decision {
    /// Number of the order
    pub(crate) number: String,
    /// Who decides, for the audit trail [default: the user name of this computer]
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Buyer {
    /// The tier of a buyer and why, what was delivered and refunded, and what counts against the limit of today
    Show {
        /// Id of the buyer, as `order list` has it
        buyer: String,
    },
    /// Keep that you have looked who a buyer is: from the next order on the limit of verified buyers counts
    Verify(BuyerDecision),
    /// Take that back
    Unverify(BuyerDecision),
}

#[derive(Debug, Args)]
pub(crate) struct BuyerDecision {
    /// Id of the buyer, as `order list` has it
    pub(crate) buyer: String,
    /// Why, for the audit trail
    #[arg(long, value_name = "TEXT")]
    pub(crate) because: String,
    /// Who decides, for the audit trail [default: the user name of this computer]
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Buy from this running shop, in sandbox mode, instead of one that is started for the demo
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Write every payload that went to Discord to this file, as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) payloads: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Supplier {
    /// Ask for the price lists, at most once in five minutes, and let costs follow; exit code 4 when one is silent
    Sync {
        /// Only this supplier
        name: Option<String>,
    },
    /// What is known of the price lists beside our products; asks nobody
    Prices {
        /// Only this supplier
        name: Option<String>,
        /// With what is listed there and is no product of ours
        #[arg(long)]
        all: bool,
    },
    /// Say that a further route may cost about so much, though that is far from what its product costs; no such route is
    /// exit code 3
    Accept {
        /// The supplier
        name: String,
        /// Its code
        sku: String,
        /// In whole rupiah
        #[arg(value_name = "RUPIAH", value_parser = clap::value_parser!(i64).range(1..))]
        price: i64,
        /// Who does, for the audit trail [default: the user name of this computer]
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
    /// Ask what is left of our deposit, and say how long it lasts; exit code 4 when one is silent
    Deposit {
        /// Only this supplier
        name: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Settlement {
    /// Keep a report for the comparison; exit code 4 when some lines cannot be read. The same file changes nothing
    Import {
        /// A CSV file from the dashboard of the gateway
        file: PathBuf,
        /// Whose it is
        #[arg(long, value_name = "NAME")]
        gateway: String,
        /// The first day in WIB that it is about [default: by its lines]
        #[arg(long, value_name = "DATE")]
        from: Option<WibDay>,
        /// The last day in WIB that it is about [default: --from, or by its lines]
        #[arg(long, value_name = "DATE")]
        until: Option<WibDay>,
        /// How it is written, beside what is configured: `reference=Order ID`, `decimal=,`, …
        #[arg(long = "read", value_name = "WHAT=HOW")]
        reading: Vec<String>,
        /// Only say what would be read
        #[arg(long)]
        dry_run: bool,
        /// Who imports it, for the audit trail [default: the user name of this computer]
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
    /// The reports that are kept, newest first, with the lines that could not be read
    List {
        /// How many
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Let a report count no more that was imported by mistake
    Withdraw {
        /// Its id, as `settlement list` shows it
        id: String,
        /// Who does, for the audit trail [default: the user name of this computer]
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Discord {
    /// Tell Discord the slash commands, only when they differ from those that it has
    Register {
        /// For this guild alone, where they appear at once [default: everywhere]
        #[arg(long, value_name = "ID")]
        guild: Option<String>,
        /// Only say what differs
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Ledger {
    /// Prove every sum, and that payments, orders, stock and ledger agree; exit code 4 when not
    Check,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Follow the hash chain and name the first entry that does not fit; exit code 4 when one does not
    Verify,
}
