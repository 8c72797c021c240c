import type { Texts } from "../texts.js";

const texts: Texts = {
  loading: [
    "Einen Moment",
    "Der Link wird geprüft.",
  ],
  ready: [
    "Bestätigen Sie Ihre E-Mail-Adresse",
    "Drücken Sie den Knopf, um diese Adresse für Ihr Konto zu verwenden. Vorher ändert sich nichts.",
    "Adresse bestätigen",
  ],
  "ready-to-undo": [
    "Adressänderung rückgängig machen?",
    "Drücken Sie den Knopf, damit Ihr Konto wieder diese Adresse hat. Vorher ändert sich nichts.",
    "Rückgängig machen",
  ],
  working: [
    "Einen Moment",
    "Ihre Antwort ist unterwegs.",
  ],
  verified: [
    "Adresse bestätigt",
    "Ihr Konto verwendet jetzt diese Adresse. Sie können diese Seite schließen.",
  ],
  "already-verified": [
    "Bereits bestätigt",
    "Diese Adresse wurde schon bestätigt. Es ist nichts mehr zu tun, Sie können diese Seite schließen.",
  ],
  undone: [
    "Änderung rückgängig gemacht",
    "Die Adressänderung wurde zurückgenommen. Wenn sie nicht von Ihnen kam, ändern Sie jetzt Ihr Passwort.",
  ],
  expired: [
    "Dieser Link ist zu alt",
    "Links gelten nur eine Zeit lang. Melden Sie sich an und fordern Sie einen neuen an.",
  ],
  altered: [
    "Dieser Link ist nicht so, wie er verschickt wurde",
    "Öffnen Sie ihn noch einmal aus der E-Mail oder kopieren Sie ihn ganz. Hilft das nicht, fordern Sie einen neuen an.",
  ],
  incomplete: [
    "Ein Teil des Links fehlt",
    "Öffnen Sie ihn noch einmal aus der E-Mail oder kopieren Sie ihn ganz in die Adresszeile.",
  ],
  superseded: [
    "Es gibt einen neueren Link",
    "Öffnen Sie die neueste E-Mail, oder melden Sie sich an und fordern Sie einen neuen Link an.",
  ],
  used: [
    "Dieser Link wurde schon benutzt",
    "Er gilt nur einmal. Um die Adresse wieder zu ändern, melden Sie sich an und fordern Sie einen neuen an.",
  ],
  cancelled: [
    "Diese Änderung wurde abgebrochen",
    "Der Inhaber des Kontos hat sie abgebrochen. Waren Sie das nicht, melden Sie sich an und fordern Sie einen neuen Link an.",
  ],
  taken: [
    "Diese Adresse ist vergeben",
    "Ein anderes Konto verwendet sie. Melden Sie sich bei jenem Konto an, oder verwenden Sie eine andere Adresse.",
  ],
  refused: [
    "Das hat nicht geklappt",
    "Die Website nimmt diesen Link nicht an. Fordern Sie einen neuen an, oder wenden Sie sich an die Website.",
  ],
  offline: [
    "Keine Antwort von der Website",
    "Prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal. Ein zweiter Versuch schadet nicht.",
    "Noch einmal versuchen",
  ],
  unsupported: [
    "Diese Seite kann den Link nicht prüfen",
    "Öffnen Sie den Link in einem anderen Browser, oder wenden Sie sich an die Website.",
  ],
  wait: "Bitte warten Sie vorher {seconds} Sekunden.",
};

export default texts;
