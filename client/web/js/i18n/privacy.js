/** Texts of the privacy page; what is stored, and until when, stands in the server's data map (store/COLUMNS.md). */

export default {
  de: {
    "privacy.title": "Knackpunkt – Datenschutz",
    "privacy.heading": "Datenschutz",
    "privacy.short":
      "Kurz gesagt: Sie spielen unter einem Namen, den Sie selbst wählen. Es gibt keine Cookies, keine Werbung, keine Auswertung Ihres Verhaltens, und nichts geht an Dritte.",
    "privacy.who": "Wer verantwortlich ist",
    "privacy.who-event": "Verantwortlich ist, wer die Veranstaltung „{title}“ ausrichtet.",
    "privacy.who-plain": "Verantwortlich ist, wer die Veranstaltung ausrichtet.",
    "privacy.rights":
      "Dort können Sie erfahren, was über Sie gespeichert ist, und verlangen, dass es berichtigt oder gelöscht wird. Das Personal vor Ort hilft Ihnen weiter. Außerdem können Sie sich bei einer Aufsichtsbehörde für den Datenschutz beschweren.",
    "privacy.play-heading": "Wenn Sie spielen",
    "privacy.play-name": "der Name, den Sie wählen. Es muss nicht Ihr eigener sein; er steht auf der Bestenliste und auf der Leinwand.",
    "privacy.play-moves": "jeder Zug, seine Zeit und die Punkte.",
    "privacy.play-acts": "Entscheidungen der Spielleitung, zum Beispiel wenn ein Name ausgeblendet wird.",
    "privacy.play-why":
      "Wir speichern das, damit Sie am Wettbewerb teilnehmen können und damit jede Person jeden Highscore nachprüfen kann.",
    "privacy.play-until": {
      one: "Nach {count} Tag wird der Name gelöscht. Züge und Punkte bleiben als Ergebnisse der Veranstaltung erhalten, dann ohne Namen.",
      other: "Nach {count} Tagen wird der Name gelöscht. Züge und Punkte bleiben als Ergebnisse der Veranstaltung erhalten, dann ohne Namen.",
    },
    "privacy.contact-heading": "Wenn Sie uns schreiben",
    "privacy.contact-what":
      "Wir speichern Vorname, Name, E-Mail-Adresse und Ihr Anliegen – nur, um Ihnen zu antworten. Diese Angaben haben mit dem Spiel nichts zu tun und werden nicht mit ihm verbunden.",
    "privacy.contact-until": {
      one: "Nach {count} Tag werden sie gelöscht.",
      other: "Nach {count} Tagen werden sie gelöscht.",
    },
    "privacy.device-heading": "Was auf Ihrem Gerät liegt",
    "privacy.device-what":
      "Die Seiten setzen keine Cookies. Ihr Browser merkt sich nur, was das Spiel braucht; gelesen wird es allein von diesen Seiten:",
    "privacy.key-session": "Ihr Platz im Spiel: Damit geht es nach einer Unterbrechung an derselben Stelle weiter. Verschwindet mit „Nächste Person“.",
    "privacy.key-held":
      "Ihre Belege: was dieses Gerät von Ihren Läufen und vom Wettbewerb gesehen hat, ohne Namen. Damit können Sie später zeigen, dass niemand etwas verändert hat.",
    "privacy.key-language": "die Sprache, die Sie gewählt haben.",
    "privacy.key-intro": "dass Sie die Anleitung schon gesehen haben.",
    "privacy.key-contact": "was Sie im Kontaktformular getippt und noch nicht abgeschickt haben. Verschwindet mit dem Absenden oder wenn Sie den Tab schließen.",
    "privacy.key-desk": "nur bei der Spielleitung: ihr Zugang.",
    "privacy.device-clear": "Alles davon können Sie jederzeit in den Einstellungen Ihres Browsers löschen.",
    "privacy.others-heading": "Keine Dritten",
    "privacy.others":
      "Schriften, Bilder und Programme kommen vom selben Server wie diese Seite. Ihr Browser fragt keinen anderen. Ihre Netzadresse sieht der Server, solange Sie verbunden sind, und er begrenzt damit, wie oft jemand das Formular abschickt; in der Datenbank steht sie nicht.",
    "privacy.play": "Spielen",
    "privacy.screen": "Bestenliste",
    "privacy.contact": "Kontakt",
  },
  en: {
    "privacy.title": "Knackpunkt – privacy",
    "privacy.heading": "Privacy",
    "privacy.short":
      "In short: you play under a name that you choose yourself. There are no cookies, no advertising, no tracking, and nothing goes to third parties.",
    "privacy.who": "Who is responsible",
    "privacy.who-event": "Responsible is whoever organises the event “{title}”.",
    "privacy.who-plain": "Responsible is whoever organises the event.",
    "privacy.rights":
      "There you can learn what is stored about you, and ask for it to be corrected or deleted. The staff on site will help you. You may also complain to a data protection authority.",
    "privacy.play-heading": "When you play",
    "privacy.play-name": "the name that you choose. It need not be your own; it stands in the standings and on the screen.",
    "privacy.play-moves": "every move, its time and the points.",
    "privacy.play-acts": "decisions of the moderators, for example when a name is hidden.",
    "privacy.play-why": "We store this so that you can take part in the competition, and so that anybody can check any highscore.",
    "privacy.play-until": {
      one: "After {count} day the name is deleted. Moves and points are kept as results of the event, then without a name.",
      other: "After {count} days the name is deleted. Moves and points are kept as results of the event, then without a name.",
    },
    "privacy.contact-heading": "When you write to us",
    "privacy.contact-what":
      "We store your first name, name, e-mail address and your concern – only to answer you. They have nothing to do with the game and are not linked with it.",
    "privacy.contact-until": {
      one: "After {count} day they are deleted.",
      other: "After {count} days they are deleted.",
    },
    "privacy.device-heading": "What is kept on your device",
    "privacy.device-what":
      "The pages set no cookies. Your browser only remembers what the game needs; nobody but these pages reads it:",
    "privacy.key-session": "your place in the game: after an interruption you go on where you were. Gone with “Next player”.",
    "privacy.key-held":
      "your evidence: what this device has seen of your runs and of the competition, without names. With it you can show later that nobody has changed anything.",
    "privacy.key-language": "the language you chose.",
    "privacy.key-intro": "that you have seen the instructions.",
    "privacy.key-contact": "what you typed into the contact form and have not sent yet. Gone when you send it or close the tab.",
    "privacy.key-desk": "moderators only: their access.",
    "privacy.device-clear": "You can delete all of it in the settings of your browser at any time.",
    "privacy.others-heading": "No third parties",
    "privacy.others":
      "Type, pictures and programs come from the same server as this page. Your browser asks no other. The server sees your network address while you are connected, and limits with it how often somebody sends the form; it does not stand in the database.",
    "privacy.play": "Play",
    "privacy.screen": "Standings",
    "privacy.contact": "Contact",
  },
};
