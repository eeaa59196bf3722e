//! How a screen looks: Discord's dark theme, from 360 pixels on.

/// The style sheet.
pub(super) const CSS: &str = "
:root{color-scheme:dark;--page:#313338;--card:#2b2d31;--deep:#1e1f22;--line:#3f4147;--ink:#dbdee1;--strong:#f2f3f5;--soft:#b5bac1;--link:#00a8fc;--blurple:#5865f2}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;min-height:100vh;background:var(--page);color:var(--ink);font:16px/1.375 system-ui,sans-serif;overflow-wrap:anywhere}
header,main{width:100%;max-width:640px;margin:0 auto;padding:0 1rem}
header{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:baseline;justify-content:space-between;padding-top:.75rem;padding-bottom:.75rem;border-bottom:1px solid var(--line)}
h1,h2,h3,h4,p,ul,dl,dd{margin:0}
h1{font-size:1rem;color:var(--strong)}
h2{font-size:1rem;color:var(--soft);padding:1.25rem 0 .25rem}
.note,.nothing{font-size:.8125rem;color:var(--soft)}
.nothing{padding:2rem 0;text-align:center}
a{color:var(--link);text-decoration:none}
a:hover{text-decoration:underline}
a:focus-visible,summary:focus-visible,.spoiler:focus-visible,input:focus-visible,textarea:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.message{display:flex;gap:.75rem;padding:.5rem;margin:.5rem -.5rem;border-radius:4px}
.private{background:rgba(88,101,242,.1);box-shadow:inset 2px 0 var(--blurple)}
.face{flex:none;display:grid;place-items:center;width:2.5rem;height:2.5rem;border-radius:50%;background:var(--blurple);color:#fff;font-weight:600}
.said{flex:1;min-width:0;display:grid;gap:.375rem;justify-items:start}
.author{font-size:1rem;font-weight:500;color:var(--strong)}
.author time{font-size:.75rem;font-weight:400;color:var(--soft)}
.app{padding:0 .3rem;border-radius:4px;background:var(--blurple);color:#fff;font-size:.625rem;line-height:1rem;vertical-align:middle;display:inline-block}
.thinking{color:var(--soft)}
.only{font-size:.75rem;color:var(--soft)}
.text{max-width:100%;min-width:0}
.text p,blockquote,.text li{white-space:pre-wrap}
.text h4{color:var(--strong);line-height:1.375;margin:.25rem 0}
.size1{font-size:1.5rem}
.size2{font-size:1.25rem}
.size3{font-size:1rem}
.text .subtext{font-size:.8125rem;color:var(--soft)}
.text ul{padding-left:1.25rem}
.deeper{margin-left:1.25rem;list-style:circle}
blockquote{margin:0;padding-left:.75rem;border-left:4px solid #4e5058;border-radius:4px}
code{padding:.1rem .25rem;border-radius:4px;background:var(--deep);font:.875em/1.3 ui-monospace,Consolas,monospace;white-space:pre-wrap}
pre{margin:.25rem 0;padding:.5rem;border:1px solid var(--line);border-radius:4px;background:var(--card);white-space:pre-wrap}
pre code{padding:0;background:none}
.mention{padding:0 .15rem;border-radius:3px;background:rgba(88,101,242,.3);color:#c9cdfb;font-weight:500}
.stamp{padding:0 .15rem;border-radius:3px;background:rgba(255,255,255,.08)}
.spoiler{border-radius:3px;background:var(--deep);color:transparent}
.spoiler:hover,.spoiler:focus{color:inherit}
.card{width:100%;display:grid;gap:.5rem;padding:1rem;border:1px solid var(--line);border-radius:8px;background:var(--card)}
.accent{border-left:4px solid}
.row{display:flex;flex-wrap:wrap;gap:.5rem;width:100%}
.section{display:flex;gap:.75rem;align-items:flex-start;justify-content:space-between;width:100%}
.texts{display:grid;gap:.25rem;min-width:0}
.gap{width:100%;border:0;margin:0;height:1px}
hr.gap{background:var(--line)}
.gap.wide{margin:.5rem 0}
.thumbnail{flex:none;width:5.25rem}
.gallery{display:grid;gap:.25rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,9rem),1fr));width:100%}
.attached{max-width:100%}
img{display:block;max-width:100%;max-height:22rem;border-radius:8px}
.icon img{display:inline-block;width:1.25rem;height:1.25rem;border-radius:50%;vertical-align:middle}
.file{padding:.75rem;border:1px solid var(--line);border-radius:8px;background:var(--card)}
small{font-size:.75rem;color:var(--soft)}
.unknown{display:inline-block;padding:.5rem .75rem;border:2px dashed #f0b232;border-radius:8px;color:#f0b232;font-size:.875rem}
.veil{max-width:100%}
.veil>summary{cursor:pointer;display:inline-block;padding:.25rem .75rem;border-radius:999px;background:var(--deep);font-size:.75rem;font-weight:600}
.button{display:inline-flex;gap:.25rem;align-items:center;min-height:2rem;padding:.25rem 1rem;border:0;border-radius:8px;color:#fff;font:500 .875rem/1.3 system-ui,sans-serif;text-align:left}
.primary{background:#5865f2}
.secondary{background:#4e5058}
.success{background:#248046}
.danger{background:#da373c}
.off{opacity:.5}
.select{width:100%;max-width:25rem;border:1px solid var(--deep);border-radius:8px;background:var(--deep)}
.select .field{display:flex;gap:.5rem;justify-content:space-between;padding:.5rem .75rem;list-style:none}
summary.field{cursor:pointer}
.field::-webkit-details-marker{display:none}
.hint{color:var(--soft)}
.chevron{color:var(--soft)}
.select ul{list-style:none;padding:0;border-top:1px solid var(--line)}
.select li{padding:.5rem .75rem}
.select li+li{border-top:1px solid var(--line)}
.select small,.choice small{display:block}
.tick{color:#23a55a}
.embed{width:100%;max-width:32rem;display:grid;grid-template-columns:minmax(0,1fr) auto;gap:.5rem 1rem;padding:.75rem 1rem;border-left:4px solid var(--deep);border-radius:4px;background:var(--card);font-size:.875rem}
.words{min-width:0;display:grid;gap:.5rem;align-content:start}
.embed .attached,.foot{grid-column:1/-1}
.by,.title,dt{font-weight:600;color:var(--strong)}
.title{font-size:1rem}
.fields{display:grid;gap:.5rem;grid-template-columns:repeat(auto-fit,minmax(7rem,1fr))}
.whole{grid-column:1/-1}
.foot{font-size:.75rem;color:var(--soft)}
.over{position:fixed;inset:0;overflow:auto;display:grid;place-items:center;padding:1rem;background:rgba(0,0,0,.7)}
.modal{width:100%;max-width:28rem;display:grid;gap:1rem;padding:1rem;border-radius:8px;background:var(--page)}
.modal h2{padding:0;font-size:1.25rem;color:var(--strong)}
.input{display:grid;gap:.375rem}
.input>label,.label{font-size:.875rem;font-weight:600;color:var(--strong)}
.input .hint{font-size:.8125rem}
.input>.choice{font-weight:400;color:var(--ink)}
.must{color:#fa777c}
.input>input[type=text],textarea{width:100%;min-height:2.5rem;padding:.5rem .75rem;border:1px solid var(--line);border-radius:8px;background:var(--deep);color:var(--ink);font:inherit}
::placeholder{color:#949ba4;opacity:1}
.input>input[type=checkbox]{justify-self:start;width:1.25rem;height:1.25rem}
.upload{padding:1rem;border:1px dashed var(--soft);border-radius:8px;text-align:center}
.answers{display:flex;gap:.5rem;justify-content:flex-end}
";
