import { FONT, MONO, palette, pictureStyle } from './style.ts';

const rules = `
*{box-sizing:border-box}
html{background:var(--page);color:var(--text);font:15px/1.5 ${FONT};-webkit-text-size-adjust:100%}
body{margin:0 auto;max-width:1060px;padding:28px 20px 60px}
h1{font-size:24px;line-height:1.3;margin:14px 0 0;font-weight:650;text-wrap:balance}
h2{font-size:18px;margin:38px 0 12px;font-weight:650}
h2 small{font-weight:400;color:var(--dim);font-size:14px;margin-left:8px}
p{margin:0}
a{color:inherit;text-decoration-color:var(--dim);text-underline-offset:2px}
code,.mono{font-family:${MONO};font-size:.92em;overflow-wrap:anywhere}
code{background:var(--code);border-radius:4px;padding:1px 5px}
.card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:22px 26px}
.top{display:flex;justify-content:space-between;align-items:center;color:var(--dim)}
.badge{display:inline-block;border-radius:99px;padding:3px 14px;font-weight:700;letter-spacing:.05em;border:1.5px solid}
.passed{color:var(--passed)}.failed{color:var(--failed)}.warned{color:var(--warned)}.error{color:var(--error)}
.badge.passed{background:var(--passed-soft)}.badge.failed{background:var(--failed-soft)}.badge.error{background:var(--error-soft)}
.pic{display:block;width:100%;height:auto;margin-top:8px}
.counts{display:flex;flex-wrap:wrap;gap:10px 34px;margin-top:6px;color:var(--dim)}
.counts div{flex:1 1 260px}.counts svg{display:block;margin-top:5px}
.counts b{color:var(--text)}
.issue{display:grid;grid-template-columns:6px 1fr;background:var(--card);border:1px solid var(--line);border-radius:10px;margin:0 0 10px;overflow:hidden;break-inside:avoid}
.issue>i{display:block}
.critical>i{background:var(--critical)}.high>i{background:var(--high)}.medium>i{background:var(--medium)}.low>i{background:var(--low)}.info>i{background:var(--info)}
.issue>div{padding:13px 18px;min-width:0}
.issue .head{display:flex;flex-wrap:wrap;gap:4px 14px;justify-content:space-between;color:var(--dim);font-size:13px}
.issue .where{font-family:${MONO};font-weight:650;color:var(--text);overflow-wrap:anywhere}
.issue .what{font-size:16px;margin:3px 0 6px;font-weight:550;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:auto 1fr;gap:3px 14px;margin:0}
dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere;min-width:0}
.issue dl{font-size:14px}
.do{color:var(--passed);font-weight:550}
.quiet{color:var(--dim);font-size:13px}
.sev{font-weight:700;text-transform:uppercase;letter-spacing:.04em;font-size:12px}
.critical .sev{color:var(--critical)}.high .sev{color:var(--high)}.medium .sev{color:var(--warned)}.low .sev{color:var(--low)}.info .sev{color:var(--dim)}
table{border-collapse:collapse;width:100%;background:var(--card);border:1px solid var(--line);border-radius:10px;overflow:hidden;font-size:14px}
.scroll{overflow-x:auto}
th{text-align:left;color:var(--dim);font-weight:500;font-size:13px}
th,td{padding:8px 14px;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
tr:last-child td{border-bottom:0}
td.nowrap{white-space:nowrap}
details{margin:10px 0}
summary{cursor:pointer;color:var(--dim)}
details[open] summary{margin-bottom:8px}
.alert{border-left:4px solid var(--error);background:var(--card);border-radius:6px;padding:12px 18px;margin:0 0 10px}
.alert b{color:var(--error)}
.note{border-left:4px solid var(--warned);background:var(--card);border-radius:6px;padding:10px 18px;margin:0 0 8px}
footer{margin-top:40px;color:var(--dim);font-size:13px}
@media (max-width:640px){body{padding:14px 10px 40px}.card{padding:16px}h1{font-size:20px}.scroll>.pic{min-width:640px}}
@media print{html{background:#fff;font-size:11pt}body{max-width:none;padding:0}.card,.issue,table{border-color:#bbb}details::details-content{content-visibility:visible;block-size:auto}summary{list-style:none}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;

/** All of the page's style; its hash stands in the page's content security policy. */
export const pageStyle = (palette(':root') + pictureStyle + rules).replaceAll('\n', '');
