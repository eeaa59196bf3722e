//! The real program as processes: simulators, shops, and a buyer who speaks HTTP.

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use std::{
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};
use testkit::{TempFolder, TestDatabase};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, Command},
};
use vocabulary::Clock;

/// The key of the HTTP interface in the sandbox.
pub(crate) const API_KEY: &str = "loket-sandbox-key";

/// A running `loket`, killed when dropped.
pub(crate) struct Loket {
    child: Child,
    base: String,
}

impl Loket {
    /// Starts the program and waits until it says where it listens.
    pub(crate) async fn start(arguments: &[&str], environment: &[(String, String)]) -> Result<Loket, String> {
        let mut command = command(arguments);
        command
            .envs(environment.iter().cloned())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn().expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let mut errors = child.stderr.take().expect("its errors");
        let words = async {
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some(at) = line.find("http://") {
                    let base = line[at..].split_whitespace().next().unwrap_or_default();
                    return Some(base.trim_end_matches('/').to_owned());
                }
            }
            None
        };
        let base = tokio::time::timeout(Duration::from_secs(120), words).await.ok().flatten();
        match base {
            Some(base) => {
                // Both pipes are read to the end, so that the program never blocks on a full one.
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                tokio::spawn(async move {
                    let mut log = Vec::new();
                    let _ = errors.read_to_end(&mut log).await;
                });
                Ok(Loket { child, base })
            }
            None => {
                let _ = child.kill().await;
                let mut log = String::new();
                let _ = errors.read_to_string(&mut log).await;
                Err(log)
            }
        }
    }

    /// Where it listens.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Whether the process has ended.
    pub(crate) fn is_dead(&mut self) -> bool {
        self.child.try_wait().expect("its state").is_some()
    }

    /// Kills it, as a machine that goes away would.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.expect("it can be killed");
    }

    /// Sends SIGTERM and waits for a clean end.
    pub(crate) async fn stop(mut self) -> std::process::ExitStatus {
        let pid = self.child.id().expect("it runs").to_string();
        Command::new("kill").args(["-TERM", &pid]).status().await.expect("kill runs");
        tokio::time::timeout(Duration::from_secs(60), self.child.wait())
            .await
            .expect("it stops in time")
            .unwrap()
    }
}

/// It is gone when it is let go of: whoever starts another on the same rows at once finds nobody there.
impl Drop for Loket {
    fn drop(&mut self) {
        let _ = self.child.start_kill();
        let started = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && started.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// The program with these arguments and no configuration but what is given.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loket"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("LOKET_")) {
        command.env_remove(name);
    }
    command.args(arguments).current_dir(std::env::temp_dir());
    command
}

/// Where a shop keeps its rows.
pub(crate) enum Rows {
    /// SQLite in the shop's own folder.
    Sqlite,
    /// A PostgreSQL database.
    Postgres(TestDatabase),
}

impl Rows {
    /// An empty PostgreSQL database.
    pub(crate) async fn postgres() -> Rows {
        Rows::Postgres(testkit::empty_postgres().await)
    }
}

/// Simulators as a separate process, as the outside world is, and a shop that can die and come
/// back on the same address with the same rows.
pub(crate) struct World {
    pub(crate) simulators: Loket,
    pub(crate) shop: Option<Loket>,
    pub(crate) http: Client,
    folder: TempFolder,
    rows: Rows,
    port: u16,
    /// The shop's address stands in the parties' dashboards, so it stays what it is.
    announced: bool,
    extra: Vec<(String, String)>,
    /// What is said of these by no configuration.
    left_out: Vec<&'static str>,
}

impl World {
    /// Starts the simulators; the shop is started with [`World::open_shop`].
    pub(crate) async fn new(rows: Rows) -> World {
        World::with_simulators(rows, false).await
    }

    /// The same, with the shop's address entered in the dashboard of each party.
    pub(crate) async fn announced(rows: Rows) -> World {
        World::with_simulators(rows, true).await
    }

    async fn with_simulators(rows: Rows, announced: bool) -> World {
        let (folder, port) = (TempFolder::new("world"), free_port());
        let data = folder.path().join("outside").display().to_string();
        let shop = format!("http://127.0.0.1:{port}");
        let mut arguments = vec!["sandbox", "--listen", "127.0.0.1:0", "--data-dir", data.as_str()];
        if announced {
            arguments.extend(["--notify", shop.as_str()]);
        }
        let simulators = Loket::start(&arguments, &[]).await.unwrap();
        // A connection is not used again when the other side may be about to close it.
        let http =
            Client::builder().timeout(Duration::from_secs(120)).pool_idle_timeout(Duration::from_secs(20));
        let http = http.no_proxy().build().unwrap();
        let (extra, left_out) = (Vec::new(), Vec::new());
        World { simulators, shop: None, http, folder, rows, port, announced, extra, left_out }
    }

    /// A world on this engine with an open shop.
    pub(crate) async fn open(rows: Rows) -> World {
        let mut world = World::new(rows).await;
        world.open_shop(&[]).await.unwrap();
        world
    }

    /// Where the shop keeps its files.
    pub(crate) fn shop_folder(&self) -> std::path::PathBuf {
        self.folder.path().join("shop")
    }

    /// More environment for every start of the shop from now on.
    pub(crate) fn configure(&mut self, name: &str, value: &str) {
        self.extra.push((name.to_owned(), value.to_owned()));
    }

    /// Takes out what all tests say of this: every start of the shop from now on goes by its own default.
    pub(crate) fn leave_out(&mut self, name: &'static str) {
        self.left_out.push(name);
    }

    /// The environment of the shop and of commands beside it.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let base = self.simulators.base();
        let key = |file: &str| self.folder.path().join("outside/sandbox").join(file).display().to_string();
        let mut environment = vec![
            ("LOKET_DATA_DIR".to_owned(), self.folder.path().join("shop").display().to_string()),
            ("LOKET_MIDTRANS__BASE_URL".to_owned(), format!("{base}/sandbox/midtrans")),
            ("LOKET_DIGIFLAZZ__BASE_URL".to_owned(), format!("{base}/sandbox/digiflazz/v1")),
            ("LOKET_VIP_RESELLER__BASE_URL".to_owned(), format!("{base}/sandbox/vip-reseller/api")),
            ("LOKET_APIGAMES__BASE_URL".to_owned(), format!("{base}/sandbox/apigames")),
            ("LOKET_DANA__BASE_URL".to_owned(), format!("{base}/sandbox/dana")),
            ("LOKET_DANA__PRIVATE_KEY_FILE".to_owned(), key("dana-merchant.key.pem")),
            ("LOKET_DANA__GATEWAY_PUBLIC_KEY_FILE".to_owned(), key("dana-gateway.pub.pem")),
            // What a dead worker had claimed is taken up again at once.
            ("LOKET_WORKER__LEASE_SECONDS".to_owned(), "2".to_owned()),
            // All buy for one game account, unless a test says so: nobody is to be called for it.
            ("LOKET_RISK__PAYERS_PER_ACCOUNT".to_owned(), "1000".to_owned()),
            // A test that moves time does not mean lists and deposits, unless it says so.
            ("LOKET_PRICES__EVERY_MINUTES".to_owned(), "0".to_owned()),
            ("LOKET_DEPOSIT__EVERY_MINUTES".to_owned(), "0".to_owned()),
            // Nor what a sale leaves: all buy 86 diamonds, and a transfer takes more than twice what they leave.
            ("LOKET_RULES__FEE_ABOVE_MARGIN".to_owned(), "allow".to_owned()),
            // Nor that an order waits for the first purchase of another. The matrix neither: its purchases are the
            // first of their code, hundreds at once, and one before them would stand in the books that it judges and
            // in none of its lines.
            ("LOKET_RULES__FIRST_BUY_PROBE".to_owned(), "false".to_owned()),
            // Nor where the money of a failure goes: it is store credit at once. Tests of refunds say otherwise.
            ("LOKET_REFUNDS__AUTOMATIC".to_owned(), "wallet".to_owned()),
        ];
        if let Rows::Postgres(database) = &self.rows {
            environment.push(("LOKET_DATABASE__URL".to_owned(), database.url_text()));
        }
        environment.extend(self.extra.iter().cloned());
        environment.retain(|(name, _)| !self.left_out.contains(&name.as_str()));
        environment
    }

    /// Starts the shop on its address, with more environment for this start only.
    pub(crate) async fn open_shop(&mut self, more: &[(String, String)]) -> Result<(), String> {
        self.open_as("web,worker", more).await
    }

    /// The same, for some of its parts alone.
    pub(crate) async fn open_as(&mut self, roles: &str, more: &[(String, String)]) -> Result<(), String> {
        let environment = [self.environment(), more.to_vec()].concat();
        for _ in 0..20 {
            let listen = format!("127.0.0.1:{}", self.port);
            match Loket::start(&["serve", "--role", roles, "--listen", &listen], &environment).await {
                Ok(shop) => {
                    self.shop = Some(shop);
                    return Ok(());
                }
                // Another test was quicker. A shop that was open before must come back where it was.
                Err(log) if log.contains("cannot listen") => {
                    if self.shop.is_none() && !self.announced {
                        self.port = free_port();
                    }
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                Err(log) => return Err(log),
            }
        }
        Err(format!("port {} is never free", self.port))
    }

    /// The folder that is gone with the world.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The shop's rows, opened beside it.
    pub(crate) async fn database(&self) -> database::Database {
        let url = match &self.rows {
            Rows::Sqlite => database::DatabaseUrl::Sqlite(self.folder().join("shop").join("loket.db")),
            Rows::Postgres(rows) => rows.url_text().parse().unwrap(),
        };
        database::Database::open(&url).await.unwrap()
    }

    /// Whether the shop has died since it was last started.
    pub(crate) fn shop_is_dead(&mut self) -> bool {
        self.shop.as_mut().is_none_or(Loket::is_dead)
    }

    /// Address of the shop.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Runs a command of the program beside the shop: its exit code and what it printed.
    pub(crate) async fn command(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = command(arguments).envs(self.environment()).output().await.expect("the command runs");
        let text =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code(), text)
    }

    /// Places an order for 86 diamonds, or whatever `change` makes of it.
    pub(crate) async fn place(
        &self,
        key: &str,
        change: Value,
    ) -> Result<(StatusCode, Value), reqwest::Error> {
        let mut body = json!({
            "product_code": "ML_86", "user_id": "1114917746", "server_id": "13486", "payment_method": "gopay_qr"
        });
        if let (Some(body), Value::Object(change)) = (body.as_object_mut(), change) {
            body.extend(change);
        }
        let request =
            self.http.post(self.url("/api/v1/orders")).bearer_auth(API_KEY).header("Idempotency-Key", key);
        let response = request.json(&body).send().await?;
        Ok((response.status(), response.json().await?))
    }

    /// Places an order that must succeed, and tells its number.
    pub(crate) async fn placed(&self, key: &str, change: Value) -> String {
        let (status, order) = self.place(key, change).await.unwrap();
        assert_eq!(status, StatusCode::CREATED, "{order}");
        order["number"].as_str().expect("a number").to_owned()
    }

    /// The order as its buyer sees it.
    pub(crate) async fn order(&self, number: &str) -> Result<Value, reqwest::Error> {
        let request = self.http.get(self.url(&format!("/api/v1/orders/{number}"))).bearer_auth(API_KEY);
        request.send().await?.json().await
    }

    /// Waits until the order is in this state.
    pub(crate) async fn until(&self, number: &str, state: &str) -> Value {
        let started = Instant::now();
        loop {
            let order = self.order(number).await.unwrap();
            if order["state"] == state {
                return order;
            }
            assert!(started.elapsed() < Duration::from_secs(120), "order is not {state}: {order:#}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Calls a control of the simulators.
    pub(crate) async fn simulate(&self, control: &str, body: Value) -> (StatusCode, Value) {
        let url = format!("{}/sandbox/{control}", self.simulators.base());
        let response = self.http.post(url).json(&body).send().await.unwrap();
        (response.status(), response.json().await.unwrap_or(Value::Null))
    }

    /// The buyer acts in the wallet app.
    pub(crate) async fn pay(&self, number: &str, outcome: &str) -> (StatusCode, Value) {
        self.simulate("pay", json!({"reference": number, "outcome": outcome})).await
    }

    /// Waits until the latest payment of the order is in this state.
    pub(crate) async fn until_payment(&self, number: &str, state: &str) -> Value {
        let started = Instant::now();
        loop {
            let order = self.order(number).await.unwrap();
            if order["payment"]["state"] == state {
                return order;
            }
            assert!(started.elapsed() < Duration::from_secs(120), "payment is not {state}: {order:#}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until the buyer can pay.
    pub(crate) async fn payable(&self, number: &str) -> Value {
        self.until_payment(number, "open").await
    }

    /// Moves business time of the shop and of the simulators forward, when no outside call is under way: its answer
    /// would be dated after the jump, and what follows from it would be due that much later.
    pub(crate) async fn advance(&self, seconds: u64) -> Result<(), reqwest::Error> {
        self.calls_are_over().await;
        self.advance_now(seconds).await
    }

    /// Waits until no worker has a row in hand that it calls somebody about: a payment, an attempt to fulfil an order
    /// (`fulfilment_attempt`), or a refund. Not for long: a call may be one that is never answered. That it gave up is
    /// printed, for whoever reads why a test failed.
    async fn calls_are_over(&self) {
        let started = Instant::now();
        let rows = self.database().await;
        loop {
            let mut tx = rows.read("test.calls").await.unwrap();
            let in_hand: i64 = database::sql!(
                "SELECT (SELECT COUNT(*) FROM payment WHERE lease_until > $1)
                      + (SELECT COUNT(*) FROM fulfilment_attempt WHERE lease_until > $1)
                      + (SELECT COUNT(*) FROM refund WHERE lease_until > $1)"
            )
            .bind(Clock::system().real_now())
            .one(&mut tx)
            .await
            .unwrap();
            drop(tx);
            if in_hand == 0 {
                break;
            }
            if started.elapsed() >= Duration::from_secs(3) {
                eprintln!("time is moved while {in_hand} calls to others are under way, after three seconds");
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        rows.close().await;
    }

    /// The same, whatever is under way.
    pub(crate) async fn advance_now(&self, seconds: u64) -> Result<(), reqwest::Error> {
        let request = self.http.post(self.url("/sandbox/clock")).json(&json!({"advance_seconds": seconds}));
        let response = request.send().await?;
        assert!(response.status().is_success(), "{}", response.text().await?);
        Ok(())
    }

    /// What the gateway's and the supplier's own books hold of an order.
    pub(crate) async fn books(&self, number: &str) -> Value {
        let url = format!("{}/sandbox/transactions?reference={number}", self.simulators.base());
        self.http.get(url).send().await.unwrap().json().await.unwrap()
    }

    /// The proofs hold, by the commands that run beside the server.
    pub(crate) async fn assert_proofs(&self) {
        for arguments in [["ledger", "check"], ["audit", "verify"]] {
            let (code, text) = self.command(&arguments).await;
            assert_eq!(code, Some(0), "{arguments:?}: {text}");
        }
    }

    /// The outside world saw one payment and one delivery of an order.
    pub(crate) async fn assert_paid_and_delivered_once(&self, number: &str) {
        let books = self.books(number).await;
        let mut paid = (0, 0);
        for (gateway, times) in
            [("midtrans", "times_settled"), ("dana", "times_paid"), ("xendit", "times_paid")]
        {
            let payments = books[gateway]["transactions"].as_array().expect("payments");
            let settled: i64 = payments.iter().map(|t| t[times].as_i64().unwrap()).sum();
            paid = (paid.0 + payments.len(), paid.1 + settled);
        }
        assert_eq!(paid, (1, 1), "{books:#}");
        let purchases = books["digiflazz"]["transactions"].as_array().expect("purchases");
        let delivered: i64 = purchases.iter().map(|t| t["deliveries"].as_i64().unwrap()).sum();
        assert_eq!((purchases.len(), delivered), (1, 1), "{books:#}");
    }
}

/// A port that nobody listens on at this moment, below those that outgoing connections take: the
/// shop must find it free again when it comes back.
fn free_port() -> u16 {
    use std::hash::{BuildHasher, RandomState};
    let start = RandomState::new().hash_one(std::process::id());
    (0..10_000_u64)
        .map(|step| 20_000 + u16::try_from(start.wrapping_add(step * 7) % 12_000).unwrap_or(0))
        .find(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a free port")
}
