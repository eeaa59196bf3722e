//! The paths of the API that the simulator has.

use axum::http::Method;

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// `PUT` or `GET` of an application's commands, those of a guild or the global ones.
    PutCommands {
        app: String,
        guild: Option<String>,
    },
    GetCommands {
        app: String,
        guild: Option<String>,
    },
    Me,
    Application,
    OpenDm,
    CreateMessage {
        channel: String,
    },
    GetMessages {
        channel: String,
    },
    GetMessage {
        channel: String,
        message: String,
    },
    EditMessage {
        channel: String,
        message: String,
    },
    DeleteMessage {
        channel: String,
        message: String,
    },
    GetChannel {
        channel: String,
    },
    CreateThread {
        channel: String,
    },
    JoinThread {
        channel: String,
        user: String,
    },
    ActiveThreads {
        guild: String,
    },
    Callback {
        id: String,
        token: String,
    },
    FollowUp {
        app: String,
        token: String,
    },
    /// `None` is `@original`.
    GetAnswer {
        app: String,
        token: String,
        message: Option<String>,
    },
    EditAnswer {
        app: String,
        token: String,
        message: Option<String>,
    },
    DeleteAnswer {
        app: String,
        token: String,
        message: Option<String>,
    },
}

/// A path that leads nowhere, or one that takes another method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoRoute {
    Path,
    Method,
}

impl Route {
    /// Reads a path such as `/api/v10/channels/1/messages`.
    pub(crate) fn of(method: &Method, path: &str) -> Result<Route, NoRoute> {
        let path = path.strip_prefix("/api/v10/").ok_or(NoRoute::Path)?;
        let parts: Vec<&str> = path.trim_end_matches('/').split('/').collect();
        let text = |part: &str| part.to_owned();
        let answer = |id: &str| Some(id).filter(|id| *id != "@original").map(str::to_owned);
        let verb = method.as_str();
        let route = match parts.as_slice() {
            ["applications", "@me"] => (verb == "GET").then_some(Route::Application),
            ["applications", app, "commands"] => Route::commands(verb, app, None),
            ["applications", app, "guilds", guild, "commands"] => Route::commands(verb, app, Some(guild)),
            ["users", "@me"] => (verb == "GET").then_some(Route::Me),
            ["users", "@me", "channels"] => (verb == "POST").then_some(Route::OpenDm),
            ["channels", channel] => (verb == "GET").then(|| Route::GetChannel { channel: text(channel) }),
            ["channels", channel, "messages"] => match verb {
                "POST" => Some(Route::CreateMessage { channel: text(channel) }),
                "GET" => Some(Route::GetMessages { channel: text(channel) }),
                _ => None,
            },
            ["channels", channel, "messages", message] => {
                let (channel, message) = (text(channel), text(message));
                match verb {
                    "GET" => Some(Route::GetMessage { channel, message }),
                    "PATCH" => Some(Route::EditMessage { channel, message }),
                    "DELETE" => Some(Route::DeleteMessage { channel, message }),
                    _ => None,
                }
            }
            ["channels", channel, "threads"] => {
                (verb == "POST").then(|| Route::CreateThread { channel: text(channel) })
            }
            ["channels", channel, "thread-members", user] => {
                (verb == "PUT").then(|| Route::JoinThread { channel: text(channel), user: text(user) })
            }
            ["guilds", guild, "threads", "active"] => {
                (verb == "GET").then(|| Route::ActiveThreads { guild: text(guild) })
            }
            ["interactions", id, token, "callback"] => {
                (verb == "POST").then(|| Route::Callback { id: text(id), token: text(token) })
            }
            ["webhooks", app, token] => {
                (verb == "POST").then(|| Route::FollowUp { app: text(app), token: text(token) })
            }
            ["webhooks", app, token, "messages", id] => {
                let (app, token, message) = (text(app), text(token), answer(id));
                match verb {
                    "GET" => Some(Route::GetAnswer { app, token, message }),
                    "PATCH" => Some(Route::EditAnswer { app, token, message }),
                    "DELETE" => Some(Route::DeleteAnswer { app, token, message }),
                    _ => None,
                }
            }
            _ => return Err(NoRoute::Path),
        };
        route.ok_or(NoRoute::Method)
    }

    fn commands(verb: &str, app: &str, guild: Option<&str>) -> Option<Route> {
        let (app, guild) = (app.to_owned(), guild.map(str::to_owned));
        match verb {
            "PUT" => Some(Route::PutCommands { app, guild }),
            "GET" => Some(Route::GetCommands { app, guild }),
            _ => None,
        }
    }

    /// One word for what it does; a fault can wait for it.
    pub(crate) fn operation(&self) -> &'static str {
        match self {
            Route::PutCommands { .. } => "put_commands",
            Route::GetCommands { .. } => "get_commands",
            Route::Me => "me",
            Route::Application => "application",
            Route::OpenDm => "open_dm",
            Route::CreateMessage { .. } => "create_message",
            Route::GetMessages { .. } => "get_messages",
            Route::GetMessage { .. } => "get_message",
            Route::EditMessage { .. } => "edit_message",
            Route::DeleteMessage { .. } => "delete_message",
            Route::GetChannel { .. } => "get_channel",
            Route::CreateThread { .. } => "create_thread",
            Route::JoinThread { .. } => "join_thread",
            Route::ActiveThreads { .. } => "active_threads",
            Route::Callback { .. } => "callback",
            Route::FollowUp { .. } => "follow_up",
            Route::GetAnswer { .. } => "get_answer",
            Route::EditAnswer { .. } => "edit_answer",
            Route::DeleteAnswer { .. } => "delete_answer",
        }
    }

    /// Those need no bot token and are outside of its global limit.
    pub(crate) fn is_about_an_interaction(&self) -> bool {
        matches!(
            self,
            Route::Callback { .. }
                | Route::FollowUp { .. }
                | Route::GetAnswer { .. }
                | Route::EditAnswer { .. }
                | Route::DeleteAnswer { .. }
        )
    }

    /// The bucket: what is done, and the major parameter that it is done to.
    pub(crate) fn bucket(&self) -> String {
        let major = match self {
            Route::PutCommands { guild, .. } | Route::GetCommands { guild, .. } => {
                guild.as_deref().unwrap_or_default()
            }
            Route::CreateMessage { channel }
            | Route::GetMessages { channel }
            | Route::GetMessage { channel, .. }
            | Route::EditMessage { channel, .. }
            | Route::DeleteMessage { channel, .. }
            | Route::GetChannel { channel }
            | Route::CreateThread { channel }
            | Route::JoinThread { channel, .. } => channel,
            Route::ActiveThreads { guild } => guild,
            Route::Callback { token, .. }
            | Route::FollowUp { token, .. }
            | Route::GetAnswer { token, .. }
            | Route::EditAnswer { token, .. }
            | Route::DeleteAnswer { token, .. } => token,
            Route::Me | Route::Application | Route::OpenDm => "",
        };
        format!("{} {major}", self.operation())
    }
}
