#include "core/error.h"
#include "core/text.h"
#include "courier/curl_request.h"
#include "courier/errand.h"
#include "courier/mail_text.h"

namespace tallymill {
namespace {

/// An address, which must not smuggle in headers.
std::string address(const std::string& text) {
  if (text.find_first_of("\r\n<>") != std::string::npos || text.find('@') == std::string::npos)
    throw Error(ErrorClass::config, "'" + text + "' is no mail address");
  return text;
}

std::string mail_document(const Errand& errand, const CurlRequest::Mail& mail) {
  std::string receivers;
  for (const std::string& to : mail.to) receivers += (receivers.empty() ? "" : ", ") + to;
  return "Date: " + mail_date() + "\r\nFrom: " + mail.from + "\r\nTo: " + receivers +
         "\r\nSubject: " + header_text(subject_line(errand)) + "\r\nMessage-ID: <" + errand.id +
         "@tallymill>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
         "Content-Type: text/plain; charset=utf-8\r\n"
         "Content-Transfer-Encoding: quoted-printable\r\n\r\n" +
         quoted_printable(message_text(errand));
}

}  // namespace

void send_mail(const Errand& errand) {
  CurlRequest::Mail mail;
  mail.server = json_text(errand.channel, "server");
  mail.from = address(json_text(errand.channel, "from"));
  for (const json::value& to : json_at(errand.channel, "to").as_array())
    mail.to.push_back(address(std::string(to.as_string())));
  mail.user = json_text_or(errand.channel, "user", "");
  mail.password = json_text_or(errand.channel, "password", "");
  mail.needs_tls = json_text_or(errand.channel, "tls", "required") == "required" &&
                   !mail.server.starts_with("smtps://");
  mail.text = mail_document(errand, mail);
  CurlRequest(errand.timeout).mail(mail);
}

}  // namespace tallymill
