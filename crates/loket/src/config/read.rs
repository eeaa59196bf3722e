//! Reading keys and values from the file, the environment and the flags.

use super::keys::{self, Parties};
use anyhow::{Context, Result, anyhow, bail};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
use vocabulary::Secret;

/// What the flags say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overrides {
    /// Configuration file; must exist when it is given.
    pub(crate) config: Option<PathBuf>,
    /// Keys and values.
    pub(crate) values: Vec<(&'static str, String)>,
}

/// Every key that is given, with its value and where it came from.
#[derive(Debug)]
pub(super) struct Values {
    given: BTreeMap<String, (String, String)>,
    parties: Parties,
}

impl Values {
    fn none(parties: Parties) -> Values {
        Values { given: BTreeMap::new(), parties }
    }

    pub(super) fn load(overrides: &Overrides) -> Result<Values> {
        let mut values = Values::none(Parties::ALL);
        values.read_file(overrides.config.as_deref())?;
        values.read_environment(std::env::vars_os().filter_map(|(name, value)| {
            let name = name.into_string().ok().filter(|n| n.starts_with("LOKET_"))?;
            Some((name, value.into_string()))
        }))?;
        for (key, value) in &overrides.values {
            values.given.insert((*key).to_owned(), (value.clone(), "a flag".into()));
        }
        Ok(values)
    }

    #[cfg(test)]
    pub(super) fn of_environment(pairs: impl Iterator<Item = (String, String)>) -> Result<Values> {
        Values::of_environment_for(Parties::ALL, pairs)
    }

    /// The same where other parties are registered.
    #[cfg(test)]
    pub(super) fn of_environment_for(
        parties: Parties,
        pairs: impl Iterator<Item = (String, String)>,
    ) -> Result<Values> {
        let mut values = Values::none(parties);
        values.read_environment(pairs.map(|(name, value)| (name, Ok(value))))?;
        Ok(values)
    }

    /// Whose keys these are.
    pub(super) fn parties(&self) -> Parties {
        self.parties
    }

    /// The value of a key; an empty one counts as not given.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        debug_assert!(self.parties.know(key), "{key} is not in the list of known keys");
        self.given.get(key).map(|(value, _)| value.trim()).filter(|value| !value.is_empty())
    }

    /// What is given of these keys.
    pub(super) fn of(&self, keys: impl Iterator<Item = &'static str>) -> BTreeMap<&'static str, Secret> {
        keys.filter_map(|key| Some((key, Secret::new(self.get(key)?)))).collect()
    }

    /// Where a key was given, for an error.
    pub(super) fn origin(&self, key: &str) -> &str {
        self.given.get(key).map_or("default", |(_, origin)| origin)
    }

    fn read_file(&mut self, given: Option<&Path>) -> Result<()> {
        let path = given.unwrap_or(Path::new("loket.toml"));
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if given.is_none() && error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
        };
        // The parser's message shows the line, which may hold a secret: only the place is told.
        let table: toml::Table = toml::from_str(&text).map_err(|error: toml::de::Error| {
            let line =
                error.span().map_or(0, |span| text.get(..span.start).unwrap_or("").lines().count().max(1));
            anyhow!("{}, line {line}: {}", path.display(), error.message())
        })?;
        self.read_table(&table, "", &path.display().to_string())
    }

    fn read_table(&mut self, table: &toml::Table, prefix: &str, origin: &str) -> Result<()> {
        for (name, value) in table {
            let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            let text = match value {
                toml::Value::Table(inner) => {
                    self.read_table(inner, &key, origin)?;
                    continue;
                }
                toml::Value::String(text) => text.clone(),
                toml::Value::Integer(number) => number.to_string(),
                toml::Value::Boolean(flag) => flag.to_string(),
                _ => bail!("{origin}: `{key}` must be a text or a whole number"),
            };
            self.take(key, text, origin.to_owned(), |key| key.to_owned())?;
        }
        Ok(())
    }

    fn read_environment(
        &mut self,
        variables: impl Iterator<Item = (String, Result<String, std::ffi::OsString>)>,
    ) -> Result<()> {
        for (name, value) in variables {
            if keys::NOT_CONFIGURATION.contains(&name.as_str()) {
                continue;
            }
            let value = value.map_err(|_| anyhow!("environment variable {name} is not valid text"))?;
            let path = name.strip_prefix("LOKET_").unwrap_or(&name);
            let key = path.replace("__", ".").to_ascii_lowercase();
            self.take(key, value, format!("environment variable {name}"), keys::environment_name)?;
        }
        Ok(())
    }

    fn take(
        &mut self,
        key: String,
        value: String,
        origin: String,
        spell: impl Fn(&str) -> String,
    ) -> Result<()> {
        if !self.parties.know(&key) {
            let hint = self
                .parties
                .nearest(&key)
                .map_or_else(String::new, |near| format!("; did you mean `{near}` ({})?", spell(near)));
            bail!("unknown configuration key `{key}` in {origin}{hint}");
        }
        self.given.insert(key, (value, origin));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Result<Values> {
        let folder = testkit::TempFolder::new("config");
        let path = folder.path().join("loket.toml");
        std::fs::write(&path, text).unwrap();
        let mut values = Values::none(Parties::ALL);
        values.read_file(Some(&path))?;
        Ok(values)
    }

    #[test]
    fn a_file_is_read_and_its_errors_name_the_place_and_no_value() {
        let values = file("mode = \"sandbox\"\n[server]\nlisten = \"0.0.0.0:80\"\n").unwrap();
        assert_eq!(values.get("server.listen"), Some("0.0.0.0:80"));
        let error = file("[midtrans]\nserver_key = \"hunter2\nx\"").unwrap_err().to_string();
        assert!(error.contains(", line ") && !error.contains("hunter2"), "{error}");
        assert!(file("[server]\nlisten = [1]").is_err());
        assert!(file("[server]\nlistne = \"x\"").unwrap_err().to_string().contains("server.listen"));
    }

    #[test]
    fn a_file_that_is_asked_for_must_be_there() {
        let overrides = Overrides { config: Some("/nonexistent/loket.toml".into()), values: Vec::new() };
        assert!(Values::load(&overrides).unwrap_err().to_string().contains("/nonexistent/loket.toml"));
    }
}
