// The application of the contestants, as express-session's documentation writes one.
const express = require("express");
const session = require("express-session");

const value = "some value";
const values = [value, "other value"];
let turn = 0;

const app = express();
app.set("etag", false);
app.use(session({ secret: require("crypto").randomBytes(32).toString("hex"), resave: false, saveUninitialized: false }));

const gate = async (req) => { if (req.query.gate) await (await fetch(req.query.gate)).text(); };
const text = (res, s) => res.type("text/plain").send(s || "");
const count = (req, res) => {
  req.session.visits = (req.session.visits || 0) + 1;
  text(res, String(req.session.visits));
};
const page = (req, res) => {
  const message = req.session.flash;
  if (message) delete req.session.flash;
  text(res, message);
};

app.all("/plain", (req, res) => text(res, "ok"));
app.all("/read", (req, res) => text(res, req.session.key000));
app.all("/write", (req, res) => { req.session.key000 = values[turn++ % 2]; text(res, "ok"); });
app.all("/fill", (req, res) => {
  for (let i = 0; i < Number(req.query.keys); i++) req.session["key" + String(i).padStart(3, "0")] = value;
  text(res, "ok");
});
app.all("/put", (req, res) => { req.session.flash = "Saved"; res.redirect(303, "/page"); });
app.all("/page", page);
app.all("/poll", page);
app.all("/visit", count);
app.all("/count", async (req, res) => { await gate(req); count(req, res); });
app.all("/set", async (req, res) => { await gate(req); req.session[req.query.key] = value; text(res, "ok"); });
app.all("/get", (req, res) => text(res, req.session[req.query.key]));
app.all("/login", (req, res, next) => req.session.regenerate((err) => {
  if (err) return next(err);
  req.session.user = "Ann";
  text(res, "ok");
}));
app.all("/logout", (req, res, next) => req.session.destroy((err) => err ? next(err) : text(res, "ok")));
app.all("/who", (req, res) => text(res, req.session.user));

const server = app.listen(0, "127.0.0.1", () => console.log("http://127.0.0.1:" + server.address().port));
process.stdin.on("end", () => process.exit(0)).resume(); // whoever started it has gone
